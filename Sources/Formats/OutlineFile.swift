/// A document of requirements, in markdown or plain text: its outline becomes work, without an agent.
package enum OutlineFile {
  /// Largest document, in bytes; a novel is shorter.
  package static let maximumBytes = 4 << 20

  /// Most notes; one more says how many were left out.
  package static let maximumNotes = 100

  /// Reads a document, which messages call `file`.
  ///
  /// The same bytes give the same items.
  ///
  /// - Throws: `FormatProblem` for what is empty, too large or no text, and where no work is found.
  package static func load(_ bytes: [UInt8], file: String) throws(FormatProblem) -> Decomposition {
    do throws(FormatProblem) {
      let outline = OutlineReader.read(try text(of: bytes))
      let work = try OutlineWork(outline)
      guard !work.drafts.isEmpty else {
        throw FormatProblem(
          message: "no work found",
          hint:
            "expected headings or lists that say what to do, as in `## Tasks` and `- Add a parser`")
      }
      var result = decomposition(work, file)
      let more = result.notes.count - maximumNotes
      if more > 0 {
        result.notes.removeLast(more)
        result.notes.append(FormatProblem(message: "\(more) more of this kind"))
      }
      result.notes = result.notes.map { $0.named(file) }
      return result
    } catch {
      throw error.named(file)
    }
  }

  /// The document as text, checked; messages call it `file`.
  package static func text(of bytes: [UInt8], file: String) throws(FormatProblem) -> String {
    do throws(FormatProblem) { return try text(of: bytes) } catch { throw error.named(file) }
  }

  private static func text(of bytes: [UInt8]) throws(FormatProblem) -> String {
    guard bytes.count <= maximumBytes else {
      throw FormatProblem(
        message: "document of \(bytes.count) bytes; the limit is \(maximumBytes >> 20)MiB")
    }
    if let zero = bytes.firstIndex(of: 0) {
      let line = bytes[..<zero].count { $0 == UInt8(ascii: "\n") } + 1
      throw FormatProblem(
        line: line, message: "not a text: NUL at offset \(zero)",
        hint: "give markdown or plain text")
    }
    let text = try SourceText.decode(bytes)
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw FormatProblem(message: "the document is empty", hint: "give markdown or plain text")
    }
    return text
  }

  private static func decomposition(_ work: OutlineWork, _ file: String) -> Decomposition {
    let dependencies = OutlineDependencies(work)
    var result = Decomposition(name: work.title ?? file.stem)
    for (index, draft) in work.drafts.enumerated() {
      var item = draft.item
      item.needs = dependencies.needs[index]
      let remarks = dependencies.remarks[index] ?? []
      item.details = (item.details + remarks.joined(separator: "\n")).trimmed
      if item.details == item.description { item.details = "" }
      result.items.append(item)
    }
    result.notes = leftOut(work) + dependencies.notes
    return result
  }

  /// Which sections describe no work.
  private static func leftOut(_ work: OutlineWork) -> [FormatProblem] {
    let nodes = work.leftOut.filter { node in
      // What says in which order is read for that.
      work.outline.nodes[node].level != nil && work.sections[node] != .order
    }.map { work.outline.nodes[$0] }
    let names = nodes.map { "\(OutlineName($0).title.quoted) (line \($0.line))" }
    guard !names.isEmpty else { return [] }
    return [FormatProblem(message: "no work was taken from \(names.joined(separator: ", "))")]
  }
}

extension String {
  /// The name of a file without folders and ending.
  fileprivate var stem: String {
    let name = split(separator: "/").last ?? self[...]
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
    return String(name[..<dot])
  }
}
