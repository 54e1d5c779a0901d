import Canvas
import Testing

@Suite("A colour")
struct ColorTests {
  @Test(
    "has the contrast that the guidelines compute",
    arguments: [
      (Color.rgb(0, 0, 0), Color.rgb(255, 255, 255), 21.0),
      (.rgb(0x77, 0x77, 0x77), .rgb(255, 255, 255), 4.478),
      (.rgb(255, 0, 0), .rgb(255, 255, 255), 3.998),
      (.rgb(0x56, 0xB4, 0xE9), .rgb(255, 255, 255), 2.307), (.rgb(9, 9, 9), .rgb(9, 9, 9), 1),
    ])
  func contrast(a: Color, b: Color, ratio: Double) throws {
    #expect(abs(try #require(a.contrast(to: b)) - ratio) < 0.001)
    #expect(a.contrast(to: b) == b.contrast(to: a))
  }

  @Test("of the terminal has a contrast that only the terminal knows")
  func unknown() {
    #expect(Color.standard.contrast(to: .rgb(0, 0, 0)) == nil)
    #expect(Color.palette(3).contrast(to: .standard) == nil)
    #expect(Color.palette(3).legible(on: .rgb(0, 0, 0), contrast: 4.5) == .palette(3))
  }

  @Test("that can be read stays, any other moves until it can")
  func legible() throws {
    #expect(Color.rgb(0, 0, 0).legible(on: .rgb(255, 255, 255), contrast: 4.5) == .rgb(0, 0, 0))
    for background in UInt8.min...UInt8.max {
      let back = Color.rgb(background, background, background)
      for color in [Color.rgb(0x80, 0x80, 0x80), .rgb(255, 255, 0), .rgb(0, 0, 255), back] {
        let shown = color.legible(on: back, contrast: 4.5)
        #expect(try #require(shown.contrast(to: back)) >= 4.5)
      }
    }
  }
}
