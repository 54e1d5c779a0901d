/// What makes sure that no process of a run outlives Cairn, `kill -9` included.
package struct Containment: Sendable, Equatable {
  /// The best comes first.
  package enum Kind: String, Sendable, CaseIterable {
    /// A pid namespace: the kernel kills all in it when its first process dies, which dies with Cairn.
    case namespace
    /// A cgroup that a guardian kills as a whole.
    case cgroup
    /// A guardian that looks for the run's sessions, descendants and marks.
    case guardian
  }

  package struct Refusal: Sendable, Equatable {
    package var kind: Kind
    /// As in "cannot make the namespaces: Operation not permitted".
    package var reason: String

    package init(kind: Kind, reason: String) {
      self.kind = kind
      self.reason = reason
    }
  }

  /// The environment variable that asks for one kind.
  package static let variable = "CAIRN_CONTAINMENT"

  package var kind: Kind
  /// Why the better ones are not in use; empty when it was asked for by name.
  package var refusals: [Refusal] = []

  package init(kind: Kind, refusals: [Refusal] = []) {
    self.kind = kind
    self.refusals = refusals
  }
}

/// What the process that outlives Cairn does besides, once Cairn has died of whatever.
///
/// It is called in a copy of Cairn's memory without Cairn's threads, so it may make system calls and
/// nothing else. When Cairn ends in good order it is called, too.
package typealias LastAct = @convention(c) @Sendable () -> Void
