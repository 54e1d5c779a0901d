// The graph's own fact is the longest of a session, and nothing starts before it is durable: written
// without the coding it costs a fifth. A test compares it with the coding.
extension JSONBytes {
  mutating func add(_ fact: Fact.GraphDefined) throws {
    raw(",\"graph\":{\"name\":")
    string(fact.graph.name)
    raw(",\"tasks\":")
    try list(fact.graph.tasks) { text, task in try text.add(task) }
    raw(",\"groups\":")
    try embed(fact.graph.groups)
    if let agent = fact.graph.agent {
      raw(",\"agent\":")
      try embed(agent)
    }
    raw("},\"fingerprints\":")
    strings(fact.fingerprints)
  }

  private mutating func add(_ task: TaskGraph.Task) throws {
    raw("{\"id\":")
    integer(task.id.rawValue)
    raw(",\"name\":")
    string(task.name)
    field(",\"title\":", task.title)
    if let group = task.group {
      raw(",\"group\":")
      integer(group)
    }
    raw(",\"action\":")
    add(task.action)
    raw(",\"environment\":")
    list(task.environment) { text, variable in
      text.raw("{\"name\":")
      text.string(variable.name)
      text.raw(",\"value\":")
      text.string(variable.value)
      text.raw("}")
    }
    field(",\"directory\":", task.directory)
    addEdges(task)
    try addLimits(task)
    try addRest(task)
    raw("}")
  }

  private mutating func add(_ action: TaskGraph.Action) {
    switch action {
    case .shell(let script, let interpreter):
      raw("{\"run\":")
      string(script)
      raw(",\"shell\":")
      strings(interpreter)
    case .exec(let arguments):
      raw("{\"exec\":")
      strings(arguments)
    case .prompt(let words):
      raw("{\"prompt\":")
      string(words)
    case .gate:
      raw("{")
    }
    raw("}")
  }

  private mutating func addEdges(_ task: TaskGraph.Task) {
    raw(",\"needs\":")
    list(task.needs) { text, need in
      text.raw("{\"task\":")
      text.integer(need.task.rawValue)
      text.field(",\"artifact\":", need.artifact)
      text.field(",\"variable\":", need.variable)
      text.field(",\"folder\":", need.folder)
      text.raw("}")
    }
    raw(",\"after\":")
    list(task.after) { text, task in text.integer(task.rawValue) }
    raw(",\"outputs\":")
    list(task.outputs) { text, output in
      text.raw("{\"name\":")
      text.string(output.name)
      if let bytes = output.expectedBytes {
        text.raw(",\"expectedBytes\":")
        text.integer(bytes)
      }
      text.raw("}")
    }
  }

  private mutating func addLimits(_ task: TaskGraph.Task) throws {
    raw(",\"cpus\":")
    integer(task.cpus)
    if let bytes = task.memoryBytes {
      raw(",\"memoryBytes\":")
      integer(bytes)
    }
    if task.memoryGrows { raw(",\"memoryGrows\":true") }
    try field(",\"timeoutSeconds\":", task.timeoutSeconds)
    try field(",\"graceSeconds\":", task.graceSeconds)
    raw(",\"retries\":")
    try embed(task.retries)
    try field(",\"backoffSeconds\":", task.backoff.firstSeconds)
    if task.backoff.factor != Backoff.standardFactor {
      try field(",\"backoffFactor\":", task.backoff.factor)
    }
    if task.backoff.capSeconds != Backoff.standardCapSeconds {
      try field(",\"backoffCapSeconds\":", task.backoff.capSeconds)
    }
    if task.limits != TaskGraph.Limits() {
      raw(",\"limits\":")
      try embed(task.limits)
    }
    field(task.resources)
  }

  private mutating func addRest(_ task: TaskGraph.Task) throws {
    if task.tty { raw(",\"tty\":true") }
    if !task.mayRecompute { raw(",\"mayRecompute\":false") }
    field(",\"chain\":", task.chain)
    if task.isolation != .slot { field(",\"isolation\":", task.isolation.rawValue) }
    if !task.caches.isEmpty {
      raw(",\"caches\":")
      strings(task.caches)
    }
    if task.approval != .never { field(",\"approval\":", task.approval.rawValue) }
    try field(",\"weight\":", task.weight)
    field(",\"verify\":", task.verify)
    if let keep = task.keep { raw(keep ? ",\"keep\":true" : ",\"keep\":false") }
    raw(",\"exports\":")
    try embed(task.exports)
    field(",\"when\":", task.when.rawValue)
    raw(",\"priority\":")
    integer(task.priority)
    raw(",\"inputs\":")
    strings(task.inputs)
    raw(task.isPure ? ",\"isPure\":true" : ",\"isPure\":false")
    field(",\"standing\":", task.standing.rawValue)
    raw(task.isRemoved ? ",\"isRemoved\":true" : ",\"isRemoved\":false")
    if let line = task.line {
      raw(",\"line\":")
      integer(line)
    }
  }
}

extension JSONBytes {
  /// The resources with their key; nothing where there are none.
  mutating func field(_ resources: Resources) {
    guard !resources.isEmpty else { return }
    raw(",\"resources\":{")
    for (index, item) in resources.items.enumerated() {
      if index > 0 { raw(",") }
      string(item.name)
      raw(":")
      integer(item.count)
    }
    raw("}")
  }

  /// A key with its punctuation, and its value; nothing for nil.
  private mutating func field(_ key: StaticString, _ value: String?) {
    guard let value else { return }
    raw(key)
    string(value)
  }

  private mutating func field(_ key: StaticString, _ value: Double?) throws {
    guard let value else { return }
    raw(key)
    try number(value)
  }

  private mutating func strings(_ values: [String]) { list(values) { $0.string($1) } }

  private mutating func list<Value, Problem: Error>(
    _ values: [Value], _ item: (inout JSONBytes, Value) throws(Problem) -> Void
  ) throws(Problem) {
    raw("[")
    for (index, value) in values.enumerated() {
      if index > 0 { raw(",") }
      try item(&self, value)
    }
    raw("]")
  }

  /// What few tasks have, by its coding.
  private mutating func embed(_ value: some Encodable) throws {
    append(try JSONText.encode(value))
  }

  private mutating func embed(_ exports: [TaskGraph.Export]) throws {
    if exports.isEmpty { raw("[]") } else { append(try JSONText.encode(exports)) }
  }

  private mutating func embed(_ retries: RetryPolicy) throws {
    if retries == 0 { raw("0") } else { append(try JSONText.encode(retries)) }
  }
}
