extension Decomposition {
  /// All that an agent has to know about an item beyond its title and description.
  ///
  /// `document` is how the document is called.
  func fullDetails(of index: Int, document: String) -> String {
    let item = items[index]
    let place = placeNames(of: index).joined(separator: " > ")
    let source = item.line.map { "Source: \(document), line \($0)" } ?? "Source: \(document)"
    let parts = [
      item.details,
      place.isEmpty ? "" : "Part of: \(place)",
      item.estimate.map { "Estimate: \($0)" } ?? "",
      source,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n").withoutControls
  }
}

extension String {
  /// The text without what no prompt and no YAML file can hold: controls but tabs and line ends, and signs
  /// that other programs take for line ends.
  var withoutControls: String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar {
      case "\n", "\t": text.append(scalar)
      case "\u{85}", "\u{2028}", "\u{2029}": text.append(" ")
      case "\u{FEFF}": continue
      default: if scalar.properties.generalCategory != .control { text.append(scalar) }
      }
    }
    return String(text)
  }
}
