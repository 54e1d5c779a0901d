// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// What computes, and what tests play thousands of times: unoptimised, the tests of Planning take six times
/// as long, those of Dashboard four, the engine's simulated sessions three times (with the referee that
/// watches them), and a debug build's `cairn bench plan` thirty.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

func target(
  _ name: String, _ dependencies: [Target.Dependency] = [], _ more: [SwiftSetting] = []
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings + more)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], goldens: [String] = [],
  _ more: [SwiftSetting] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: goldens, swiftSettings: settings + more)
}

/// A release holds Swift's libraries itself: it starts in a fraction of the time, spends less between
/// two tasks than with calls through shared libraries, and runs where there is no Swift.
///
/// `swift build --static-swift-stdlib` does the same to who remembers it.
let wholeBinary =
  ["-static-stdlib", "-Xlinker", "--start-group"]
  + [
    "Foundation", "FoundationInternationalization", "FoundationEssentials", "CoreFoundation",
    "_FoundationCShims", "_FoundationCollections", "_FoundationICU",
  ].map { "-l" + $0 } + ["-Xlinker", "--end-group"]

let package = Package(
  name: "cairn",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "cairn", targets: ["cairn"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    target("Model", [.product(name: "RealModule", package: "swift-numerics")], optimized),
    target("Formats", ["Model", .product(name: "Yams", package: "Yams")], optimized),
    target(
      "Planning", ["Model", .product(name: "HeapModule", package: "swift-collections")], optimized),
    .target(name: "CSpawn"),
    .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    target(
      "Execution",
      [
        "Model", "Planning", "CSpawn", "CXXHash", "CZstd",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "SystemPackage", package: "swift-system"),
      ], optimized),
    target("Project", ["Model", "Formats", "Execution"]),
    .target(name: "CSocket"),
    target("Remote", ["Model", "CSocket"]),
    target("Canvas", [], optimized),
    target("Dashboard", ["Model", "Planning", "Canvas"], optimized),
    .target(
      name: "CNcurses",
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    target("Terminal", ["Canvas", "CNcurses"]),
    .executableTarget(
      name: "cairn",
      dependencies: [
        "Model", "Formats", "Planning", "Execution", "Project", "Remote", "Canvas", "Dashboard",
        "Terminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.copy("../../Themes")],
      swiftSettings: settings,
      linkerSettings: [
        .unsafeFlags(wholeBinary, .when(platforms: [.linux], configuration: .release))
      ]),
    // What several of the tests below must bear: no product holds it.
    .target(
      name: "HostileText", dependencies: ["Model"], path: "Tests/HostileText",
      swiftSettings: settings),
    tests("ModelTests", ["Model"]),
    tests("FormatsTests", ["Formats", "Model"]),
    tests("PlanningTests", ["Planning", "Model"]),
    tests(
      "ExecutionTests",
      ["Project", "Execution", "Planning", "Model", .product(name: "GRDB", package: "GRDB.swift")],
      optimized),
    tests("RemoteTests", ["Remote", "Model"]),
    tests("CanvasTests", ["Canvas", "HostileText"]),
    tests(
      "DashboardTests", ["Dashboard", "Formats", "Planning", "Model", "Canvas", "HostileText"],
      goldens: ["Frames"]),
    tests(
      "TerminalTests",
      ["Terminal", "CNcurses", "Dashboard", "Formats", "Model", "Canvas", "HostileText"]),
    tests("ProjectTests", ["Project", "Execution", "Formats", "Model", "Planning"]),
    tests("CairnTests", ["Model"]),
  ]
)
