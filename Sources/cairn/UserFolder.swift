import Formats
import Foundation

/// Where a person keeps what holds for all their projects: `$XDG_CONFIG_HOME/cairn`, else
/// `~/.config/cairn`.
struct UserFolder {
  /// Largest file that is read from it.
  static let maximumBytes = 64 * 1024

  let path: String

  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    // The XDG Base Directory Specification has relative paths ignored.
    let given = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    path = (given ?? (environment["HOME"] ?? "") + "/.config") + "/cairn"
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// The bytes of a file; nil if there is none.
  func bytes(of name: String) throws(FormatProblem) -> [UInt8]? {
    let file = file(name)
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw FormatProblem(file: file, message: "cannot be read", code: .configuration)
    }
    guard data.count <= Self.maximumBytes else {
      throw FormatProblem(
        file: file, message: "is larger than 64KiB, the limit for settings", code: .configuration)
    }
    return Array(data)
  }

  func config() throws(FormatProblem) -> UserConfig {
    guard let bytes = try bytes(of: "config.yaml") else { return UserConfig() }
    return try UserConfig.load(bytes, file: file("config.yaml"))
  }
}
