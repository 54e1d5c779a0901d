import Glibc

/// Whether tests take their full counts, minutes long, or a tenth of them.
enum Soak {
  static let isOn = getenv("CAIRN_SOAK") != nil
}
