import Foundation
import Model
import Testing

@Suite("run.opened")
struct RunOpenedTests {
  private static let opened = Fact.RunOpened(
    run: 3, cairn: "1.2.3", host: Fact.Host(name: "h", cores: 2, memoryBytes: 1, diskFreeBytes: 2),
    config: RunConfig(jobs: 2), isResumed: false, token: "t",
    hidesSlots: false, watchesSlots: true)

  @Test("the program's version leaves the key of the contract's free")
  func key() throws {
    let data = try JSONEncoder().encode(Self.opened)
    let fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(fields["cairnVersion"] as? String == "1.2.3" && fields["cairn"] == nil)
  }

  @Test("the first journals, and lines with the contract's version, are read")
  func old() throws {
    let text = String(decoding: try JSONEncoder().encode(Self.opened), as: UTF8.self)
    let forms = [
      text.replacingOccurrences(of: "cairnVersion", with: "cairn"),
      text.replacingOccurrences(of: "{\"", with: "{\"cairn\":1,\"", options: .anchored),
    ]
    for form in forms {
      #expect(try JSONDecoder().decode(Fact.RunOpened.self, from: Data(form.utf8)) == Self.opened)
    }
  }
}
