extension TaskMasterEdit {
  /// Lets a task wait for another; returns nil if it does already.
  ///
  /// A bare number is taken as the reader takes it, in a subtask its sibling first. `time` is as
  /// `2026-01-02T03:04:05.678Z`.
  ///
  /// - Throws: `FormatProblem`: `.missing` for an id that the tag has not, `.usage` for a dependency
  ///   that would close a circle.
  package func adding(
    dependency: String, to id: String, tag: String?, at time: String
  ) throws(FormatProblem) -> TaskMasterEdit? {
    let backlog = try backlog(tag: tag)
    do throws(FormatProblem) {
      let index = try backlog.index(of: id)
      let target = try backlog.target(of: dependency, from: index)
      if backlog.dependencies(of: index).contains(where: { $0.item == target }) { return nil }
      if let circle = backlog.circle(from: index, to: target) {
        throw FormatProblem(
          message: "\(id.quoted) cannot depend on \(dependency.quoted): tasks would wait for each "
            + "other: \(backlog.words(circle))", code: .usage)
      }
      let piece = backlog.piece(of: target, from: index)
      return try applying(changes(piece, in: backlog.items[index].value, at: time))
    } catch {
      throw error.named(file)
    }
  }

  private func changes(
    _ piece: JSONPiece, in value: Value, at time: String
  ) -> [JSONOutline.Change] {
    var pairs = [(name: "updatedAt", json: JSONPiece.quote(time))]
    guard let list = value["dependencies"], list.list != nil || list.isNull else {
      pairs.insert((name: "dependencies", json: list(of: piece, in: value)), at: 0)
      return outline.setting(pairs, in: value)
    }
    return [outline.appending(piece, to: list)] + outline.setting(pairs, in: value)
  }

  /// A list where none was; a lone dependency that is no list stays its first.
  private func list(of piece: JSONPiece, in value: Value) -> String {
    let old = value["dependencies"].flatMap { $0.text.map(JSONPiece.text) }
    return JSONPiece.list([old, piece].compactMap { $0 }).text(
      JSONStyle(newline: nil, unit: "", gap: outline.style.gap))
  }

  /// Lets a task wait for another no more.
  ///
  /// `time` is as `2026-01-02T03:04:05.678Z`.
  ///
  /// - Throws: `FormatProblem`, `.missing`, if it does not wait for it.
  package func removing(
    dependency: String, from id: String, tag: String?, at time: String
  ) throws(FormatProblem) -> TaskMasterEdit {
    let backlog = try backlog(tag: tag)
    do throws(FormatProblem) {
      let index = try backlog.index(of: id)
      let target = backlog.resolve(dependency, from: index)
      let mentions = backlog.dependencies(of: index)
      let found = mentions.last { $0.text == dependency || target != nil && $0.item == target }
      guard let found, let list = backlog.items[index].value["dependencies"], list.list != nil
      else {
        throw FormatProblem(
          message: "task \(id.quoted) does not depend on \(dependency.quoted)",
          hint: Suggestion.hint(for: dependency, in: mentions.map(\.text)), code: .missing)
      }
      let updated = outline.setting(
        [(name: "updatedAt", json: JSONPiece.quote(time))], in: backlog.items[index].value)
      let edit = try applying([outline.removing(found.offset, from: list)] + updated)
      // Some files name one twice.
      let isThere = try edit.backlog(tag: tag).dependencies(of: index).contains {
        $0.text == found.text
      }
      guard isThere else { return edit }
      return try edit.removing(dependency: dependency, from: id, tag: tag, at: time)
    } catch {
      throw error.named(file)
    }
  }
}

extension TaskMasterBacklog {
  /// What a text means as a dependency of a task; nil if nothing is called so.
  fileprivate func resolve(_ text: String, from index: Int) -> Int? {
    reader.resolve(text, from: index).item
  }

  fileprivate func target(of text: String, from index: Int) throws(FormatProblem) -> Int {
    if let target = resolve(text, from: index) { return target }
    return try self.index(of: text)
  }

  /// A dependency as Task Master writes it: a sibling by its own number, all else in full.
  fileprivate func piece(of target: Int, from index: Int) -> JSONPiece {
    let name = items[target].name
    var own = name
    if let parent = items[index].parent, items[target].parent == parent {
      own = String(name.dropFirst(items[parent].name.count + 1))
      if resolve(own, from: index) != target { own = name }
    }
    let isText = dependencies(of: index).contains { mention in
      if case .text(_, isQuoted: true) = mention.value.content {
        Int(mention.text) != nil
      } else {
        false
      }
    }
    return Int(own).map(String.init) == own && !isText ? .word(own) : .text(own)
  }
}
