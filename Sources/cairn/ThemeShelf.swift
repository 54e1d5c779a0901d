import Canvas
import Dashboard
import Formats
import Foundation
import Project

/// The themes there are: built in, beside the program, and in the person's own `themes` folder.
struct ThemeShelf {
  /// Most schemes that are listed of one folder.
  static let maximumSchemes = 1_000

  /// The person's own folder first: a scheme there replaces one of the same name.
  let folders: [String]

  init(_ user: UserFolder) { folders = [user.file("themes"), Self.shipped] }

  /// Beside the program.
  ///
  /// Not `Bundle.module`, which traps where somebody has copied the program alone.
  private static var shipped: String { Bundle.main.bundlePath + "/cairn_cairn.resources/Themes" }

  /// Every theme: those that need no file, then by name.
  func choices() -> [ThemeChoice] {
    let files = paths().sorted { $0.key < $1.key }
    return ThemeChoice.builtIn + files.map { Self.choice($0.key, at: $0.value) }
  }

  private static func choice(_ name: String, at path: String) -> ThemeChoice {
    do throws(FormatProblem) {
      let scheme = try scheme(at: path)
      return ThemeChoice(name, note: scheme.note, theme: Theme(scheme: scheme.palette))
    } catch {
      let note = SafeText("cannot be read: \(error.message)")
      return ThemeChoice(name, note: note, theme: nil)
    }
  }

  /// Finds a theme by its name or by the path of a scheme, from `folder` on where it is relative.
  func theme(named name: String, from folder: String? = nil) throws(FormatProblem) -> Theme {
    if let choice = ThemeChoice.builtIn.first(where: { $0.name == name }), let theme = choice.theme
    {
      return theme
    }
    let isFile = name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    let place = name.hasPrefix("/") ? name : folder.map { "\($0)/\(name)" } ?? name
    guard let path = isFile ? place : paths()[name] else { throw unknown(name) }
    let scheme = try Self.scheme(at: path)
    guard let theme = Theme(scheme: scheme.palette) else {
      throw FormatProblem(file: path, message: "a scheme has 16 or 24 colours")
    }
    return theme
  }

  private func unknown(_ name: String) -> FormatProblem {
    let names = ThemeChoice.builtIn.map(\.name) + paths().keys.sorted()
    let isShelfHere = FileManager.default.fileExists(atPath: Self.shipped)
    let choice =
      isShelfHere
      ? "there are \(names.joined(separator: ", ")), or give a file"
      : "the folder cairn_cairn.resources, which has most, is not beside cairn: give a file"
    return FormatProblem(
      message: "no theme \(name.quoted)", hint: Suggestion.hint(for: name, in: names) ?? choice,
      code: .missing)
  }

  private static func scheme(at path: String) throws(FormatProblem) -> SchemeFile {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FormatProblem(message: "no scheme \(path.quoted)", code: .missing)
    }
    guard data.count <= UserFolder.maximumBytes else {
      throw FormatProblem(file: path, message: "is larger than 64KiB, the limit for schemes")
    }
    return try SchemeFile.load(Array(data), file: path)
  }

  private func paths() -> [String: String] {
    var paths: [String: String] = [:]
    for folder in folders.reversed() {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for file in files.sorted().prefix(Self.maximumSchemes) {
        guard let dot = file.lastIndex(of: "."), [".yaml", ".yml"].contains(file[dot...]) else {
          continue
        }
        paths[String(file[..<dot])] = folder + "/" + file
      }
    }
    return paths
  }
}

extension SchemeFile {
  /// As in `dark, base24` or, for a scheme named `Ridge Dark (high contrast)`, `dark, high contrast`.
  fileprivate var note: SafeText {
    let system = palette.count == 24 ? "base24" : "base16"
    let aside = name.split(separator: "(").dropFirst().first?.prefix { $0 != ")" }
    return SafeText(
      [variant, aside.map(String.init) ?? system].compactMap { $0 }.joined(separator: ", "))
  }
}
