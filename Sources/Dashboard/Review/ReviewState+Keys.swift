package import Canvas

extension ReviewState {
  /// Longest title that can be typed.
  private static let maximumTitle = 200

  package mutating func press(_ key: Key) {
    notice = nil
    switch mode {
    case .list: pressList(key)
    case .title(let text, let cursor): type(key, text, cursor)
    case .askQuit: answer(key)
    case .text(let top): pressText(key, top)
    }
  }

  private mutating func pressList(_ key: Key) {
    switch key {
    case .up, .character("k"): selection -= 1
    case .down, .character("j"): selection += 1
    case .pageUp, .control("b"): selection -= page
    case .pageDown, .control("f"): selection += page
    case .home, .character("g"): selection = 0
    case .end, .character("G"): selection = items.count - 1
    case .mouse(let event): pressMouse(event)
    default: pressAct(key)
    }
    selection = max(0, min(selection, items.count - 1))
  }

  private mutating func pressAct(_ key: Key) {
    switch key {
    case .character("w"): write()
    case .character("q"), .control("c"), .escape: quit()
    case .character("u"): undo()
    default: if let item = selected { press(key, on: item) }
    }
  }

  private mutating func press(_ key: Key, on item: ReviewItem) {
    switch key {
    case .character("a"), .character(" "): accept(item)
    case .character("d"), .character("x"), .delete: drop(item.id)
    case .character("e"): mode = .title(item.title, cursor: item.title.count)
    case .character("E"): outcome = .edit(item.id)
    case .character("p"): turn(item, by: 1)
    case .character("P"): turn(item, by: -1)
    case .enter: mode = .text(top: 0)
    default: break
    }
  }

  private mutating func pressMouse(_ event: MouseEvent) {
    switch event.kind {
    case .wheelUp: selection -= 1
    case .wheelDown: selection += 1
    case .press(.left):
      if case .item(let index) = frame(size: size).button(row: event.row, column: event.column)?
        .meaning
      {
        selection = index
      }
    default: break
    }
  }

  /// A mark for the person alone: who looked at all has looked at all.
  private mutating func accept(_ item: ReviewItem) {
    if accepted.remove(item.id) == nil { accepted.insert(item.id) }
    if selection < items.count - 1 { selection += 1 }
  }

  private mutating func turn(_ item: ReviewItem, by step: Int) {
    let all = ReviewItem.Priority.allCases
    let index = selection
    guard let place = all.firstIndex(of: item.priority) else { return }
    let next = all[max(0, min(place - step, all.count - 1))]
    change { $0[index].priority = next }
  }

  private mutating func write() {
    guard !items.isEmpty else {
      notice = "there is nothing left to write"
      return
    }
    outcome = .write
  }

  private mutating func quit() {
    if isChanged { mode = .askQuit } else { outcome = .quit }
  }

  private mutating func answer(_ key: Key) {
    mode = .list
    switch key {
    case .character("y"), .character("q"), .control("c"): outcome = .quit
    case .character("w"): write()
    default: break
    }
  }

  private mutating func pressText(_ key: Key, _ top: Int) {
    let last = max(0, textLines(columns: size.columns - 4).count - page)
    switch key {
    case .up, .character("k"): mode = .text(top: max(0, top - 1))
    case .down, .character("j"): mode = .text(top: min(last, top + 1))
    case .pageUp: mode = .text(top: max(0, top - page))
    case .pageDown, .character(" "): mode = .text(top: min(last, top + page))
    case .escape, .enter, .character("q"), .control("c"): mode = .list
    default: break
    }
  }

  private mutating func type(_ key: Key, _ text: String, _ cursor: Int) {
    var characters = Array(text)
    var at = cursor
    switch key {
    case .enter:
      mode = .list
      return retitle(text)
    case .escape, .control("c"):
      mode = .list
      return
    case .left: at = max(0, at - 1)
    case .right: at = min(characters.count, at + 1)
    case .home, .control("a"): at = 0
    case .end, .control("e"): at = characters.count
    case .control("u"):
      characters.removeFirst(at)
      at = 0
    case .backspace:
      if at > 0 {
        characters.remove(at: at - 1)
        at -= 1
      }
    case .delete: if at < characters.count { characters.remove(at: at) }
    case .character(let character): insert([character], &characters, &at)
    case .paste(let pasted): insert(pasted.filter { !$0.isNewline }, &characters, &at)
    default: break
    }
    mode = .title(String(characters), cursor: at)
  }

  private func insert(
    _ new: some Collection<Character>, _ characters: inout [Character], _ at: inout Int
  ) {
    let room = max(0, Self.maximumTitle - characters.count)
    characters.insert(contentsOf: new.prefix(room), at: at)
    at += min(room, new.count)
  }
}
