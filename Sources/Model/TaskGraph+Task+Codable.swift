extension TaskGraph.Task: Codable {
  private enum Key: String, CodingKey {
    case id, name, title, group, action, environment, directory, needs, after, outputs
    case cpus, memoryBytes, memoryGrows, resources, timeoutSeconds, graceSeconds
    case retries, backoffSeconds, backoffFactor, backoffCapSeconds, limits, tty, mayRecompute, chain
    case verify, keep, exports, when, priority, inputs, isPure, standing, isRemoved, line
    case isolation, caches, approval, weight
  }

  /// What a former version did not write has its default.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func value<Value: Decodable>(_ key: Key, _ standard: Value) throws -> Value {
      try container.decodeIfPresent(Value.self, forKey: key) ?? standard
    }
    self.init(
      id: try container.decode(TaskID.self, forKey: .id),
      name: try container.decode(String.self, forKey: .name),
      action: try container.decode(TaskGraph.Action.self, forKey: .action))
    title = try container.decodeIfPresent(String.self, forKey: .title)
    group = try container.decodeIfPresent(Int.self, forKey: .group)
    environment = try value(.environment, [])
    directory = try container.decodeIfPresent(String.self, forKey: .directory)
    needs = try value(.needs, [])
    after = try value(.after, [])
    outputs = try value(.outputs, [])
    cpus = try value(.cpus, 1)
    memoryBytes = try container.decodeIfPresent(Int64.self, forKey: .memoryBytes)
    memoryGrows = try value(.memoryGrows, false)
    timeoutSeconds = try container.decodeIfPresent(Double.self, forKey: .timeoutSeconds)
    graceSeconds = try container.decodeIfPresent(Double.self, forKey: .graceSeconds)
    retries = try value(.retries, 0)
    backoff.firstSeconds = try value(.backoffSeconds, backoff.firstSeconds)
    backoff.factor = try value(.backoffFactor, Backoff.standardFactor)
    backoff.capSeconds = try value(.backoffCapSeconds, Backoff.standardCapSeconds)
    limits = try value(.limits, TaskGraph.Limits())
    tty = try value(.tty, false)
    mayRecompute = try value(.mayRecompute, true)
    resources = try value(.resources, [:])
    if let name = try container.decodeIfPresent(String.self, forKey: .chain) { chain = name }
    isolation = try value(.isolation, .slot)
    caches = try value(.caches, [])
    approval = try value(.approval, .never)
    if let judged = try container.decodeIfPresent(Double.self, forKey: .weight) { weight = judged }
    verify = try container.decodeIfPresent(String.self, forKey: .verify)
    keep = try container.decodeIfPresent(Bool.self, forKey: .keep)
    exports = try value(.exports, [])
    when = try value(.when, .success)
    priority = try value(.priority, 0)
    inputs = try value(.inputs, [])
    isPure = try value(.isPure, false)
    standing = try value(.standing, .pending)
    isRemoved = try value(.isRemoved, false)
    line = try container.decodeIfPresent(Int.self, forKey: .line)
  }

  /// Keys of the first version are always written, later ones only where they say something.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encodeIfPresent(title, forKey: .title)
    try container.encodeIfPresent(group, forKey: .group)
    try container.encode(action, forKey: .action)
    try container.encode(environment, forKey: .environment)
    try container.encodeIfPresent(directory, forKey: .directory)
    try container.encode(needs, forKey: .needs)
    try container.encode(after, forKey: .after)
    try container.encode(outputs, forKey: .outputs)
    try container.encode(cpus, forKey: .cpus)
    try container.encodeIfPresent(memoryBytes, forKey: .memoryBytes)
    try container.encodeIfPresent(timeoutSeconds, forKey: .timeoutSeconds)
    try container.encode(retries, forKey: .retries)
    try container.encode(backoff.firstSeconds, forKey: .backoffSeconds)
    try container.encodeIfPresent(verify, forKey: .verify)
    try container.encodeIfPresent(keep, forKey: .keep)
    try container.encode(exports, forKey: .exports)
    try container.encode(when, forKey: .when)
    try container.encode(priority, forKey: .priority)
    try container.encode(inputs, forKey: .inputs)
    try container.encode(isPure, forKey: .isPure)
    try container.encode(standing, forKey: .standing)
    try container.encode(isRemoved, forKey: .isRemoved)
    try container.encodeIfPresent(line, forKey: .line)
    try encodeLater(into: &container)
  }

  private func encodeLater(into container: inout KeyedEncodingContainer<Key>) throws {
    if memoryGrows { try container.encode(true, forKey: .memoryGrows) }
    try container.encodeIfPresent(graceSeconds, forKey: .graceSeconds)
    if backoff.factor != Backoff.standardFactor {
      try container.encode(backoff.factor, forKey: .backoffFactor)
    }
    if backoff.capSeconds != Backoff.standardCapSeconds {
      try container.encode(backoff.capSeconds, forKey: .backoffCapSeconds)
    }
    if limits != TaskGraph.Limits() { try container.encode(limits, forKey: .limits) }
    if tty { try container.encode(true, forKey: .tty) }
    if !mayRecompute { try container.encode(false, forKey: .mayRecompute) }
    if !resources.isEmpty { try container.encode(resources, forKey: .resources) }
    try container.encodeIfPresent(chain, forKey: .chain)
    if isolation != .slot { try container.encode(isolation, forKey: .isolation) }
    if !caches.isEmpty { try container.encode(caches, forKey: .caches) }
    if approval != .never { try container.encode(approval, forKey: .approval) }
    try container.encodeIfPresent(weight, forKey: .weight)
  }
}
