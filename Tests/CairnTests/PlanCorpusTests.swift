import Foundation
import Testing

/// Traces of other people's workflows; they are not part of this project.
@Suite(.timeLimit(.minutes(30)))
struct PlanCorpusTests {
  private static let folder = ProcessInfo.processInfo.environment["CAIRN_CORPUS"].map { $0 + "/wf" }
  /// A folder with a `best.json`, of peaks that no plan may exceed.
  private static let baseline = ProcessInfo.processInfo.environment["CAIRN_BASELINE"]

  static let traces = files(in: folder)
  static let variants = files(in: folder.map { $0 + "/schema-variants" })

  private static func files(in folder: String?) -> [String] {
    guard let folder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
  }

  private struct Best: Decodable {
    var instance: String
    var breadthFirst: Int
    var fifo: Int
    var keepAllBytes: Int
    var bestPeakBytes: Int
  }

  private static func best(_ path: String) throws -> Best? {
    guard let baseline else { return nil }
    let data = try Data(contentsOf: URL(fileURLWithPath: baseline + "/best.json"))
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    return try JSONDecoder().decode([Best].self, from: data).first { $0.instance == name }
  }

  @Test(
    "a real trace is planned within its bounds, and no worse than the baseline",
    .enabled(if: !traces.isEmpty, "set CAIRN_CORPUS to a folder of real files"),
    arguments: traces)
  func plans(path: String) async throws {
    let project = try TemporaryProject()
    let plan = try await project.plan([path, "--compare", "--jobs", "8"])
    let peak = try #require(plan["peakBytes"] as? Int)
    #expect(peak >= plan["lowerBoundBytes"] as? Int ?? .max)
    #expect(plan["lowerBoundBytes"] as? Int ?? 0 >= plan["floorBytes"] as? Int ?? .max)
    #expect((plan["footprintBytes"] as? [Int])?.max() == peak)
    #expect((plan["order"] as? [String])?.count == plan["tasks"] as? Int)
    let bound = try #require(plan["makespanBoundSeconds"] as? Double)
    // The same seconds, added up in another sequence.
    #expect(plan["makespanSeconds"] as? Double ?? 0 >= bound * (1 - 1e-9))
    guard let best = try Self.best(path) else { return }
    #expect(peak <= best.bestPeakBytes)
    #expect(plan["keepAllBytes"] as? Int == best.keepAllBytes)
    let rows = try #require(plan["compare"] as? [[String: Any]])
    for (name, bytes) in [("breadthFirst", best.breadthFirst), ("fifo", best.fifo)] {
      #expect(rows.first { $0["order"] as? String == name }?["peakBytes"] as? Int == bytes)
    }
  }

  @Test(
    "a trace is planned alike in every version of its format",
    .enabled(if: variants.count > 1, "set CAIRN_CORPUS to a folder of real files"))
  func versions() async throws {
    let project = try TemporaryProject()
    var plans: [NSDictionary] = []
    for path in Self.variants {
      var plan = try await project.plan([path, "--jobs", "8"])
      // Older versions write no name of their own.
      plan["name"] = nil
      plans.append(plan as NSDictionary)
    }
    #expect(plans.allSatisfy { $0 == plans[0] })
  }
}
