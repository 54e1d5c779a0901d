/// Counts of things that only have a name, as `gpu` or `licence`: how many there are, or are asked for.
///
/// What is not named counts 0, and what counts 0 is not kept.
package struct Resources: Sendable, Equatable {
  package struct Item: Sendable, Equatable {
    package var name: String
    package var count: Int
  }

  /// By name, each of them at least one.
  package private(set) var items: [Item] = []

  package init() {}

  /// Most names of a task, or of a budget.
  package static let maximumNames = 16
  package static let maximumCount = 1_000_000
  package static let maximumNameLength = 40
}

extension Resources: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral counts: (String, Int)...) {
    for (name, count) in counts { self[name] = count }
  }
}

extension Resources {
  package var isEmpty: Bool { items.isEmpty }

  /// Less than 0 counts as 0.
  ///
  /// - Complexity: O(names).
  package subscript(name: String) -> Int {
    get { items.first { $0.name == name }?.count ?? 0 }
    set {
      let place = items.firstIndex { $0.name >= name } ?? items.endIndex
      let isThere = place < items.endIndex && items[place].name == name
      if newValue <= 0 {
        if isThere { items.remove(at: place) }
      } else if isThere {
        items[place].count = newValue
      } else {
        items.insert(Item(name: name, count: newValue), at: place)
      }
    }
  }

  /// The first of them that `others` has less of.
  package func first(beyond others: Resources) -> Item? {
    items.first { $0.count > others[$0.name] }
  }

  /// Whether a text can name a resource: 1 to 40 letters, digits, `_` and `-` of ASCII, a letter or
  /// `_` first.
  package static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= maximumNameLength else { return false }
    return isLetter(first)
      && text.utf8.allSatisfy { byte in
        isLetter(byte) || byte == UInt8(ascii: "-")
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

/// An object with a number for each name.
extension Resources: Codable {
  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      self[key.stringValue] = try container.decode(Int.self, forKey: key)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for item in items { try container.encode(item.count, forKey: Name(stringValue: item.name)) }
  }
}
