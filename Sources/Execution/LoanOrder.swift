/// What a borrower is asked to do, by the process that holds the project.
///
/// Places are as `ArtifactPlace.path` has them, below the workspace.
package struct LoanOrder: Sendable, Equatable, Codable {
  package struct Piece: Sendable, Equatable, Codable {
    package var place: String
    package var digest: String

    package init(place: String, digest: String) {
      self.place = place
      self.digest = digest
    }
  }

  /// Absolute path of the project.
  package var root: String
  /// Whose pages are borrowed.
  package var lent: Piece
  /// What the checksum is of, in its order.
  package var pieces: [Piece]
  package var seed: UInt64

  package init(root: String, lent: Piece, pieces: [Piece], seed: UInt64) {
    self.root = root
    self.lent = lent
    self.pieces = pieces
    self.seed = seed
  }

  /// The same checksum for the same artifacts.
  package static let seed: UInt64 = 1
  /// Most artifacts of one checksum.
  package static let maximumPieces = 1 << 20
  /// Longest order, in bytes of JSON.
  package static let maximumBytes = 256 << 20
}

/// What a borrower did.
package struct LoanResult: Sendable, Equatable, Codable {
  /// Digest of the root's vector, computed in borrowed memory and in memory of its own.
  package var checksum: String
  package var plainChecksum: String
  package var ownBytes: Int
  package var borrowedBytes: Int
  package var plainOwnBytes: Int
  /// Over each artifact, in borrowed memory.
  package var passes: Int
  package var seconds: Double
  package var plainSeconds: Double
}

extension LoanOrder {
  /// Refuses what leads out of the project's workspace, whoever wrote it.
  ///
  /// - Throws: `WorkspaceProblem` saying what is wrong.
  func check() throws(WorkspaceProblem) {
    guard root.hasPrefix("/"), !root.utf8.contains(0) else {
      throw WorkspaceProblem("a loan needs the absolute path of a project")
    }
    guard (1...Self.maximumPieces).contains(pieces.count) else {
      throw WorkspaceProblem("a loan is for 1 to \(Self.maximumPieces) artifacts")
    }
    for piece in [lent] + pieces {
      guard Self.isPlace(piece.place), Self.isDigest(piece.digest) else {
        throw WorkspaceProblem("\"\(piece.place)\" is no artifact of a workspace")
      }
    }
    guard !pieces.contains(where: { $0.place == lent.place }) else {
      throw WorkspaceProblem("\"\(lent.place)\" cannot be read while it is lent")
    }
  }

  private static func isPlace(_ place: String) -> Bool {
    let names = place.split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 3, let run = Int(names[0]), run > 0 else { return false }
    return names.allSatisfy { name in
      !name.isEmpty && name.utf8.allSatisfy { $0 != 0x2E && $0 > 0x20 && $0 < 0x7F }
    }
  }

  private static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 32
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
