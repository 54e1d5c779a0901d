/// The keys that a person wants: `keys.yaml`, a map of contexts, each a map of actions to lists of keys.
///
/// A list replaces all keys of its action; `[]` takes them away. A key that the file gives to one action
/// is taken from whatever had it before in the same context.
package enum KeysFile {
  /// What can be bound and how it is now; the words of the file come from here.
  package struct Vocabulary: Sendable {
    package struct Context: Sendable {
      package var name: String
      /// In the order of the table, with their keys.
      package var actions: [(name: String, keys: [String])]
      /// A single character is text here.
      package var readsText: Bool

      package init(name: String, actions: [(name: String, keys: [String])], readsText: Bool) {
        self.name = name
        self.actions = actions
        self.readsText = readsText
      }
    }

    package var contexts: [Context]
    /// The context whose keys are read before those of any other.
    package var everywhere: String
    /// Actions that must keep a key: without them nobody gets out.
    package var indispensable: Set<String>
    /// Names to suggest.
    package var keyNames: [String]
    /// The one name of a key that may be written in several ways; nil if there is no such key.
    package var canonical: @Sendable (String) -> String?

    package init(
      contexts: [Context], everywhere: String, indispensable: Set<String>, keyNames: [String],
      canonical: @escaping @Sendable (String) -> String?
    ) {
      self.contexts = contexts
      self.everywhere = everywhere
      self.indispensable = indispensable
      self.keyNames = keyNames
      self.canonical = canonical
    }
  }

  /// An action whose keys are others now.
  package struct Row: Sendable, Equatable {
    package var context: String
    package var action: String
    package var keys: [String]
  }

  /// Most keys of one action.
  package static let maximumKeys = 16

  /// Reads the file and returns what differs from the vocabulary; what is wrong has exit code 78.
  package static func load(
    _ bytes: [UInt8], file: String, vocabulary: Vocabulary
  ) throws(FormatProblem) -> [Row] {
    do throws(FormatProblem) {
      guard let root = try YAMLReader.read(try SourceText.decode(bytes)), !root.isNull else {
        return []
      }
      var reader = KeysFileReader(vocabulary)
      try reader.read(root)
      return try reader.rows()
    } catch {
      throw error.configuration(of: file)
    }
  }
}
