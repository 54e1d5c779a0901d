/// What is done to the tags of a Task Master file.
package enum TaskMasterTagChange: Sendable, Equatable {
  case add(String, description: String?)
  /// The copy says what the tag says, but for its times and its description.
  case copy(String, to: String, description: String?)
  /// Refused if the tag has not so many tasks and subtasks any more; nil: whatever it has.
  case remove(String, items: Int?)
  case rename(String, to: String)
}

extension TaskMasterEdit {
  /// Changes the tags: a member of the file comes, goes, or gets another key, and no other byte changes.
  ///
  /// A file without tags is refused: its writers know no other shape, so whether it gets one is for its
  /// owner to say, whom the message tells how. `time` is as `2026-01-02T03:04:05.678Z`.
  ///
  /// - Throws: `FormatProblem`: `.data` for a tag that is not there, `.usage` for a name that cannot be,
  ///   for `master` where it would go, and for a file without tags.
  package func applying(
    _ change: TaskMasterTagChange, at time: String
  ) throws(FormatProblem) -> TaskMasterEdit {
    do throws(FormatProblem) {
      let old = try tagNames()
      try requireTags(old)
      let edit: TaskMasterEdit
      switch change {
      case .add(let name, let description):
        edit = try adding(tag: name, description, old, time)
      case .copy(let name, let copy, let description):
        edit = try copying(tag: name, to: copy, description, time)
      case .remove(let name, let items): edit = try removing(tag: name, items)
      case .rename(let name, let new): edit = try renaming(tag: name, to: new)
      }
      guard try edit.tagNames() == change.names(after: old) else {
        throw FormatProblem(message: "a tag did not arrive; the file is left as it was")
      }
      return edit
    } catch {
      throw error.named(file)
    }
  }

  private func tagNames() throws(FormatProblem) -> [String] {
    try TaskMasterTags(outline.root).names
  }

  private func requireTags(_ names: [String]) throws(FormatProblem) {
    guard let flat = outline.root["tasks"], flat.map == nil else { return }
    let way =
      names.count > 1
      ? #"move "tasks" into "master": {"tasks": …} first"#
      : #"to have tags, put {"master": in front of all that the file holds, and } behind it"#
    throw FormatProblem(
      at: flat.position, "the file's tasks stand at its top, in no tag", hint: way, code: .usage)
  }
}

extension TaskMasterTagChange {
  /// The tags that there shall be.
  fileprivate func names(after old: [String]) -> [String] {
    switch self {
    case .add(let name, _): (old.isEmpty ? [TaskMasterFile.defaultTag] : old) + [name]
    case .copy(_, let copy, _): old + [copy]
    case .remove(let name, _): old.filter { $0 != name }
    case .rename(let name, let new): old.map { $0 == name ? new : $0 }
    }
  }
}

// What each change does.
extension TaskMasterEdit {
  /// A file that is empty stands for an empty `master`: it gets one, as it would be missed.
  private func adding(
    tag name: String, _ description: String?, _ old: [String], _ time: String
  ) throws(FormatProblem) -> TaskMasterEdit {
    try requireFree(name)
    var new = [
      (name: name, description: description ?? "Tag created on \(time.prefix(10))")
    ]
    if old.isEmpty {
      new.insert(
        (name: TaskMasterFile.defaultTag, description: "Tasks live here by default"), at: 0)
    }
    let entries = new.map { tag in
      JSONPiece.Entry(
        name: tag.name,
        value: .map([
          .init(name: "tasks", value: .list([])),
          .init(name: "metadata", value: .map(Self.metadata(tag.description, time))),
        ]))
    }
    guard outline.root.map?.isEmpty == false else {
      let whole = JSONPiece.map(entries).text(outline.style)
      return try applying([JSONOutline.Change(range: outline.root.bytes, text: whole)])
    }
    let pairs = entries.map { entry in
      (name: entry.name, json: entry.value.text(outline.style, indentation: outline.style.unit))
    }
    return try applying(outline.setting(pairs, in: outline.root))
  }

  /// Task Master writes the whole file anew where one of them is missing.
  private static func metadata(_ description: String, _ time: String) -> [JSONPiece.Entry] {
    [
      .init(name: "created", value: .text(time)), .init(name: "updated", value: .text(time)),
      .init(name: "description", value: .text(description)),
    ]
  }

  private func copying(
    tag name: String, to copy: String, _ description: String?, _ time: String
  ) throws(FormatProblem) -> TaskMasterEdit {
    let source = try member(name)
    try requireFree(copy)
    let edit = try applying(
      outline.setting([(name: copy, json: outline.text(source.value.bytes))], in: outline.root))
    let value = try edit.member(copy).value
    let words = description ?? "Copy of \(JSONPiece.quote(name)) created on \(time.prefix(10))"
    let metadata = Self.metadata(words, time)
    guard let old = value["metadata"], old.map != nil else {
      let style = edit.outline.style
      let text = JSONPiece.map(metadata).text(style, indentation: style.unit + style.unit)
      return try edit.applying(edit.outline.setting([(name: "metadata", json: text)], in: value))
    }
    let pairs = metadata.map { (name: $0.name, json: $0.value.text(edit.outline.style)) }
    return try edit.applying(edit.outline.setting(pairs, in: old))
  }

  private func removing(tag name: String, _ items: Int?) throws(FormatProblem) -> TaskMasterEdit {
    try requireGoing(name)
    _ = try member(name)
    let found = try backlog(tag: name).ids.count
    if let items, items != found {
      throw FormatProblem(
        message: "tag \(name.quoted) has \(found) tasks and subtasks now, not \(items); try again",
        code: .usage)
    }
    var edit = self
    // Of repeated keys the one before would come to life.
    while let index = edit.outline.root.map?.firstIndex(where: { $0.name == name }) {
      edit = try edit.applying([edit.outline.removing(member: index, from: edit.outline.root)])
    }
    return edit
  }

  private func renaming(tag name: String, to new: String) throws(FormatProblem) -> TaskMasterEdit {
    try requireGoing(name)
    _ = try member(name)
    try requireFree(new)
    let members = (outline.root.map ?? []).filter { $0.name == name }
    return try applying(
      members.map { JSONOutline.Change(range: $0.nameBytes, text: JSONPiece.quote(new)) })
  }
}

extension TaskMasterEdit {
  /// The tag as it stands in the file.
  private func member(_ name: String) throws(FormatProblem) -> Value.Entry {
    _ = try TaskMasterTags(outline.root).choose(name)
    let members = outline.root.map ?? []
    guard let member = members.last(where: { $0.name == name }), member.value.map != nil else {
      throw FormatProblem(message: "no tag \(name.quoted)")
    }
    return member
  }

  private func requireFree(_ name: String) throws(FormatProblem) {
    try TaskMasterTagName.check(name)
    guard let taken = outline.root.map?.last(where: { $0.name == name }) else { return }
    let isTag = try tagNames().contains(name)
    throw FormatProblem(
      at: taken.position,
      isTag
        ? "there is a tag \(name.quoted) already"
        : "there is something else called \(name.quoted), which is no tag", code: .usage)
  }

  private func requireGoing(_ name: String) throws(FormatProblem) {
    guard name != TaskMasterFile.defaultTag else {
      throw FormatProblem(
        message: "tag \(name.quoted) stays: Task Master looks for it by its name", code: .usage)
    }
  }
}
