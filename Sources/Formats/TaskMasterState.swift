/// Task Master's note of the tag that is current; all else in it stays as it is, byte for byte.
package struct TaskMasterState: Sendable {
  private let outline: JSONOutline
  /// How messages call it.
  private let file: String

  /// Reads the bytes of a file, at most 64 MiB of UTF-8.
  package init(_ bytes: [UInt8], file: String) throws(FormatProblem) {
    self.file = file
    do throws(FormatProblem) {
      outline = try JSONOutline(bytes)
      guard outline.root.map != nil else {
        throw FormatProblem(
          at: outline.root.position, "expected a map, found \(outline.root.found)")
      }
    } catch {
      throw error.named(file)
    }
  }

  /// Returns the bytes with another tag as the current one.
  ///
  /// `time` is as `2026-01-02T03:04:05.678Z`.
  package func switching(to tag: String, at time: String) throws(FormatProblem) -> [UInt8] {
    let name = JSONPiece.quote(tag)
    var pairs = [(name: "currentTag", json: name)]
    // Older versions call it so, and read it where it is.
    if outline.root["activeTag"] != nil { pairs.append((name: "activeTag", json: name)) }
    pairs.append((name: "lastSwitched", json: JSONPiece.quote(time)))
    do throws(FormatProblem) {
      return try outline.applying(outline.setting(pairs, in: outline.root)).bytes
    } catch {
      throw error.named(file)
    }
  }

  /// The text of a file that was not there, with the keys that Task Master begins with.
  package static func text(currentTag tag: String, at time: String) -> String {
    JSONPiece.map([
      .init(name: "currentTag", value: .text(tag)),
      .init(name: "lastSwitched", value: .text(time)),
      .init(name: "branchTagMapping", value: .map([])),
      .init(name: "migrationNoticeShown", value: .word("false")),
    ]).text(JSONStyle(newline: "\n", unit: "  ", gap: " "))
  }
}
