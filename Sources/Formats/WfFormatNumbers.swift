/// Numbers of a trace, checked where they are read; one that is absent or null is nil.
///
/// `older` is what the same number is called before 1.4.
extension Value {
  /// Whole bytes of a file.
  func traceBytes(
    _ key: String, older: String? = nil, of owner: @autoclosure () -> Owner
  ) throws(FormatProblem) -> Int64? {
    let most = WorkflowTraceFile.maximumBytes
    return try number(key, older, owner, "whole bytes from 0 to \(most)") { text in
      guard let bytes = Int64(text) ?? Double(text).flatMap(Int64.init(exactly:)) else {
        return nil
      }
      return (0...most).contains(bytes) ? bytes : nil
    }
  }

  /// Memory as an average or maximum, in units of `unit` bytes, rounded up to bytes.
  func traceMemory(
    _ key: String, unit: Double, of owner: @autoclosure () -> Owner
  ) throws(FormatProblem) -> Int64? {
    let most = Double(WorkflowTraceFile.maximumBytes)
    func words() -> String {
      "\(unit == 1 ? "bytes" : "units of \(Int64(unit)) bytes") from 0 to \(Int64(most / unit))"
    }
    return try number(key, nil, owner, words()) { text in
      // Whole numbers are read quicker than others.
      guard let amount = Int64(text).map(Double.init) ?? Double(text),
        (0...most).contains(amount * unit)
      else { return nil }
      return Int64((amount * unit).rounded(.up))
    }
  }

  func traceSeconds(
    _ key: String, older: String? = nil, of owner: @autoclosure () -> Owner
  ) throws(FormatProblem) -> Double? {
    let most = WorkflowTraceFile.maximumSeconds
    return try number(key, older, owner, "seconds from 0 to \(Int64(most))") { text in
      guard let seconds = Double(text), (0...most).contains(seconds) else { return nil }
      return seconds
    }
  }

  /// Processors, rounded up; at least 1, and no more than an attempt can ask for.
  ///
  /// 0 and less are taken for what nobody measured.
  func traceCores(
    _ key: String, older: String? = nil, of owner: @autoclosure () -> Owner
  ) throws(FormatProblem) -> Int? {
    try number(key, older, owner, "a number of processors") { text in
      guard let cores = Double(text), !cores.isNaN else { return nil }
      return Int(min(max(cores.rounded(.up), 1), Double(CairnFile.maximumJobs)))
    }
  }

  private func number<Number>(
    _ key: String, _ older: String?, _ owner: () -> Owner, _ expected: @autoclosure () -> String,
    read: (String) -> Number?
  ) throws(FormatProblem) -> Number? {
    guard let value = self[key], !value.isNull else {
      guard let older else { return nil }
      return try number(older, nil, owner, expected(), read: read)
    }
    if let text = value.text, let number = read(text) { return number }
    throw Field(key: key, owner: owner(), value: value)
      .problem(
        "expected \(expected()), found \(value.found)", hint: "leave it out if it is not known")
  }
}

extension Value {
  /// The list of this name; one that is absent or null is empty.
  func traceList(
    _ key: String, of owner: @autoclosure () -> Owner
  ) throws(FormatProblem) -> [Value] {
    guard let value = self[key], !value.isNull else { return [] }
    guard let list = value.list else {
      throw Field(key: key, owner: owner(), value: value).expected("a list")
    }
    return list
  }
}
