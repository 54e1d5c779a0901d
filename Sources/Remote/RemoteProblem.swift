/// Why a run cannot be reached, or cannot be offered to others.
package struct RemoteProblem: Error, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, Codable {
    /// Nobody listens.
    case absent
    /// The peer belongs to somebody else, or is not who it says.
    case notAllowed
    /// The peer speaks another version, or no version at all.
    case protocolMismatch
    /// A limit of the peer is reached.
    case busy
    /// The system refused.
    case system
  }

  package var code: Code
  package var description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// The limits of a server; each of them bounds what a client can take up.
package struct RemoteLimits: Sendable {
  /// Clients at once; one more is told so and closed.
  package var clients = 32
  /// Unanswered asks of one client; one more is answered with an error.
  package var asks = 16
  /// Bytes of one ask: a request that names 100,000 tasks fits.
  package var askBytes = 1 << 20
  /// Bytes of facts in one answer, but always one fact.
  package var batchBytes = 512 * 1024
  /// Bytes that wait for one client beyond the answer that is under way.
  package var queuedBytes = 16 << 20
  /// With more than this waiting, nothing more is read from the client.
  package var readPauseBytes = 1 << 20
  /// A client says hello within this.
  package var hello = Duration.seconds(20)
  /// A client for which bytes wait takes some within this.
  package var stall = Duration.seconds(30)
  /// A client that asks nothing and waits for nothing is closed after this.
  package var idle = Duration.seconds(900)

  package init() {}

  /// Bytes of one answer: a fact that defines a graph of a million tasks fits.
  static let answerBytes = 512 << 20
  /// The server answers hello within this.
  static let greeting = Duration.seconds(20)
  /// Bytes of the client's word on its terminal.
  static let labelCharacters = 32
}
