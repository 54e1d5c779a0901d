import Foundation
import Model
import Testing

@Suite("JSON text") struct JSONTextTests {
  private static func fact(_ kind: Fact.Kind) -> Fact {
    Fact(
      sequence: 9, session: 2, elapsedSeconds: 0.1, wallTime: 1_700_000_000_123_456_789, kind: kind)
  }

  @Test(
    "every fact reads back, with our reader and with Foundation's", arguments: FactTests.samples)
  func facts(kind: Fact.Kind) throws {
    let fact = Self.fact(kind)
    let text = try JSONText.encode(fact)
    #expect(try JSONDecoder().decode(Fact.self, from: Data(text)) == fact)
    #expect(try JSONText.decode(Fact.self, from: text) == fact)
    let other = try JSONEncoder().encode(fact)
    #expect(try JSONText.decode(Fact.self, from: Array(other)) == fact)
  }

  /// The kinds that are written without their coding say exactly what the coding says.
  @Test("every fact has the keys and values of its coding", arguments: FactTests.samples)
  func sameObject(kind: Fact.Kind) throws {
    let fact = Self.fact(kind)
    let ours = try JSONSerialization.jsonObject(with: Data(try JSONText.encode(fact)))
    let coded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(fact))
    #expect(ours as? NSDictionary == coded as? NSDictionary)
  }

  /// A field that somebody adds must appear in the samples, or the test above cannot miss it.
  @Test("the samples leave no field of a hot kind unset", arguments: FactTests.hotSamples)
  func samplesAreFull(kind: Fact.Kind) throws {
    func requireSet(_ value: Any) {
      for child in Mirror(reflecting: value).children {
        let mirror = Mirror(reflecting: child.value)
        if mirror.displayStyle == .optional {
          #expect(!mirror.children.isEmpty, "\(child.label ?? "?") is nil")
        }
        requireSet(child.value)
      }
    }
    requireSet(kind)
  }

  @Test(
    "numbers keep their value",
    arguments: [
      0, -0.0, 1, -1, 0.1, 1.0 / 3, 1e15, 1e16, 1e22, Double.leastNonzeroMagnitude,
      1.7976931348623157e308, 123456.789,
      0.000123, 299.99999999999994, 4_503_599_627_370_497.5,
    ])
  func numbers(value: Double) throws {
    let text = try JSONText.encode([value])
    let read = try JSONText.decode([Double].self, from: text)
    #expect(read.first?.bitPattern == value.bitPattern)
    #expect(try JSONDecoder().decode([Double].self, from: Data(text)) == [value])
  }

  @Test("random decimals are read as Foundation reads them")
  func decimals() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let text =
        "\(UInt32.random(in: 0...999_999_999, using: &random)).\(UInt32.random(in: 0...99_999_999, using: &random))"
      let bytes = Array("[\(text)]".utf8)
      #expect(
        try JSONText.decode([Double].self, from: bytes) == [try #require(Double(text))], "\(text)")
    }
  }

  @Test("what JSON has no number for is refused", arguments: [Double.nan, .infinity])
  func strangeNumbers(value: Double) {
    #expect(throws: EncodingError.self) { try JSONText.encode([value]) }
  }

  @Test(
    "text keeps every character",
    arguments: ["", "a\"b\\c/", "\u{0}\u{1F}\n\r\t\u{8}\u{C}", "é漢字👩‍👩‍👧\u{2028}", "\u{7F}"])
  func strings(value: String) throws {
    let text = try JSONText.encode([value])
    #expect(try JSONText.decode([String].self, from: text) == [value])
    #expect(try JSONDecoder().decode([String].self, from: Data(text)) == [value])
  }

  @Test("escapes of other writers are read")
  func escapes() throws {
    let text = #" [ "\u00e9\ud83d\ude00\/\b\f" , "\\n" ] "#
    #expect(try JSONText.decode([String].self, from: Array(text.utf8)) == ["é😀/\u{8}\u{C}", "\\n"])
  }

  @Test(
    "what is not JSON, or not the value, is refused",
    arguments: [
      "", "[", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "[1] x", "[\"a]", "[\"\\x\"]", "[\"\\ud800\"]",
      "[1.5]",
      "[-]", "[99999999999999999999]", "[tru]", "[true]", "[null]", "{}", "[\"1\"]", "[\u{1}]",
      "[--1]",
    ])
  func refused(text: String) {
    #expect(throws: (any Error).self) { try JSONText.decode([Int].self, from: Array(text.utf8)) }
    #expect(throws: (any Error).self) {
      try JSONText.decode([String].self, from: Array(text.utf8.map { $0 == 0x31 ? 0xFF : $0 }))
    }
  }

  @Test("a text that is nested too deep is refused, not followed")
  func depth() {
    let text = Array(repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(throws: JSONText.Problem.self) { try JSONText.decode([Int].self, from: text) }
  }

  @Test("bytes that are cut or changed never crash the reader")
  func damaged() throws {
    var random = SystemRandomNumberGenerator()
    let text = try JSONText.encode(Self.fact(FactTests.samples[0]))
    for end in text.indices {
      #expect(throws: (any Error).self) {
        try JSONText.decode(Fact.self, from: Array(text[..<end]))
      }
      var other = text
      other[end] ^= UInt8.random(in: 1...255, using: &random)
      _ = try? JSONText.decode(Fact.self, from: other)
    }
  }

  private enum Nested: Codable, Equatable {
    case one(Int)
    case two(name: String, list: [Nested])
    case three
  }

  @Test("enumerations with values, dictionaries and nil keep their value")
  func synthesized() throws {
    let value: [String: [Nested?]] = [
      "a": [.one(1), nil, .two(name: "x", list: [.three, .one(-2)])], "b": [],
    ]
    let text = try JSONText.encode(value)
    #expect(try JSONText.decode([String: [Nested?]].self, from: text) == value)
    #expect(try JSONDecoder().decode([String: [Nested?]].self, from: Data(text)) == value)
  }
}
