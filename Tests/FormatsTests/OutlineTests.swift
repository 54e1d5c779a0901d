import Formats
import Testing

/// The items as `path title <- needs @line`, one a line.
func outlined(_ text: String, file: String = "prd.md") throws(FormatProblem) -> [String] {
  let found = try OutlineFile.load(Array(text.utf8), file: file)
  return found.items.indices.map { found.line($0) }
}

extension Decomposition {
  fileprivate func line(_ index: Int) -> String {
    let needs = items[index].needs.map { path(of: $0) }.joined(separator: " ")
    let line = items[index].line.map { " @\($0)" } ?? ""
    return "\(path(of: index)) \(items[index].title)\(needs.isEmpty ? "" : " <- \(needs)")\(line)"
  }
}

@Suite("The outline of a document becomes work") struct OutlineTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var text: String
    var items: [String]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "a list alone", text: "- Add a\n- Add b\n* Add c\n",
      items: ["1 Add a @1", "2 Add b @2", "3 Add c @3"]),
    Case(
      name: "underlined headings, front matter and comments",
      text: """
        ---
        title: x
        ---
        Shop
        ====

        <!-- hidden
        - not me
        -->
        Features
        --------
        ### Login
        Users log in. <!-- not
        this -->
        ### Search
        """, items: ["1 Login @12", "2 Search @15"]),
    Case(
      name: "numbered sections of a plain text",
      text: """
        PROJECT HARBOR

        1. Introduction
        We want it.

        2. Requirements
        2.1 Login
        Users log in. Requires Accounts.
        2.2 Accounts
        - Create table
        - Add API
        2.3 Reports
        Show reports; depends on 2.2.

        3. Risks
        - Add nothing
        """,
      items: [
        "1 Login <- 2 @7", "2 Accounts @9", "2.1 Create table @10", "2.2 Add API @11",
        "3 Reports <- 2 @12",
      ]),
    Case(
      name: "a template of Task Master",
      text: """
        <context>
        # Overview
        - Build nothing
        # Core Features
        - Charts
        </context>
        <PRD>
        # Development Roadmap
        - Draw a chart
        - Export it
        </PRD>
        """, items: ["1 Draw a chart @9", "2 Export it @10"]),
    Case(
      name: "phases and their numbered tasks follow one another",
      text: """
        # Roadmap
        ## Phase 1: Base
        1. Lay the ground
        2. Raise the walls
        ## Phase 2: Roof
        - Cover it
        - Paint it, in parallel with all else
        """,
      items: [
        "1 Phase 1: Base @2", "1.1 Lay the ground @3", "1.2 Raise the walls <- 1.1 @4",
        "2 Phase 2: Roof @5", "2.1 Cover it <- 1 @6",
        "2.2 Paint it, in parallel with all else <- 1 @7",
      ]),
    Case(
      name: "a chain of dependencies orders what stands elsewhere",
      text: """
        # Features
        ## Message Store
        Keeps messages.
        ## Web Client
        Shows them.
        ## Push
        Tells phones.
        # Logical Dependency Chain
        1. **Message Store**
           - Must be implemented first
        2. **Push**
           - Depends on the message store
        3. **Web Client**
           - Depends on both WS and push
        4. **Moon**
        """,
      items: [
        "1 Message Store @2", "2 Web Client <- 3 @4", "3 Push <- 1 @6",
      ]),
    Case(
      name: "points that say what something is stay with it",
      text: """
        ## Tasks
        - Add a cache
          - Bounded memory
          - Metrics
        - Add a queue
          - Create the table
          - Write the worker
        """,
      items: [
        "1 Add a cache @2", "2 Add a queue @5", "2.1 Create the table @6",
        "2.2 Write the worker @7",
      ]),
    Case(
      name: "numbers, titles in part, and all that comes before",
      text: """
        ## Tasks
        1. Set up the repository
        2. Build login page. Depends on #1.
        3. Search and Filter
           Once login page is done.
        4. Ship after all previous tasks.
        """,
      items: [
        "1 Set up the repository @2", "2 Build login page <- 1 @3", "3 Search and Filter <- 2 @4",
        "4 Ship after all previous tasks <- 1 2 3 @6",
      ]),
    Case(
      name: "tests of the whole wait for the work",
      text:
        "# P\n## Design\n### Parser\nx\n### Printer\ny\n## Testing Strategy\n### Round trips\nz\n",
      items: ["1 Parser @3", "2 Printer @5", "3 Round trips <- 1 2 @8"]),
    Case(
      name: "code and tables are text",
      text: "## Tasks\n- Add a thing\n\n```\n- not me\n# nor me\n```\n\n| - | x |\n\n- Add two\n",
      items: ["1 Add a thing @2", "2 Add two @11"]),
    Case(
      name: "goals where nothing else is", text: "# P\n## Goals\n1. Fast start\n2. Small disk\n",
      items: ["1 Fast start @3", "2 Small disk @4"]),
    Case(
      name: "lines of Windows", text: "## Tasks\r\n- Add a\r\n- Add b\r\n",
      items: ["1 Add a @2", "2 Add b @3"]),
  ]

  @Test("as people read it", arguments: cases)
  func items(of example: Case) throws {
    #expect(try outlined(example.text) == example.items)
  }

  @Test func labelsAndTagsAreReadNotRepeated() throws {
    let text = """
      ## Tasks
      - [x] [P0] Fetch the data (2 days)
      - [ ] **Clean it** - drop what is broken (after fetching the data)
        - Priority: low
        - Estimate: 3h
        - Acceptance criteria:
          - no empty rows
        - Bounded memory
      """
    let items = try OutlineFile.load(Array(text.utf8), file: "prd.md").items
    #expect(items.map(\.title) == ["Fetch the data", "Clean it"])
    #expect(items.map(\.priority) == [.critical, .low])
    #expect(items.map(\.estimate) == ["2 days", "3h"])
    #expect(items.map(\.isDone) == [true, false])
    #expect(items[1].description == "drop what is broken (after fetching the data)")
    #expect(items[1].testStrategy == "- no empty rows")
    #expect(items[1].details == "- Bounded memory")
    #expect(items[1].needs == [0])
  }

  @Test func aCycleIsLeftOutAndTold() throws {
    let text = "## Tasks\n- Cut wood, depends on the axe\n- Make the axe, depends on cut wood\n"
    let found = try OutlineFile.load(Array(text.utf8), file: "prd.md")
    #expect(found.items.map(\.needs) == [[1], []])
    #expect(
      found.notes.map(\.description) == [
        "prd.md:3: \"Make the axe, depends on cut wood\" after \"Cut wood, depends on the axe\" "
          + "would close a cycle: left out"
      ])
  }

  @Test func whatNamesNothingIsTold() throws {
    let found = try OutlineFile.load(
      Array("## Tasks\n- Fly. Depends on the moon.\n## Risks\n- Rain\n".utf8), file: "prd.md")
    #expect(
      found.notes.map(\.description) == [
        "prd.md: no work was taken from \"Risks\" (line 3)",
        "prd.md:2: \"Fly\" waits for \"the moon\", which is no item: left out",
      ])
  }

  @Test(
    "what is no document says so",
    arguments: [
      ("", "prd.md: the document is empty; give markdown or plain text"),
      (" \n\t\n", "prd.md: the document is empty; give markdown or plain text"),
      ("ab\nc\0d", "prd.md:2: not a text: NUL at offset 4; give markdown or plain text"),
      (
        "Just prose.\n",
        "prd.md: no work found; expected headings or lists that say what to do, as in `## Tasks` and "
          + "`- Add a parser`"
      ),
      ("## Risks\n- Rain\n", "prd.md: no work found"),
    ])
  func bad(text: String, expected: String) {
    let said = message { () throws(FormatProblem) in _ = try outlined(text) }
    #expect(said.hasPrefix(expected))
  }

  @Test func bytesThatAreNoTextSayWhere() {
    let said = message { () throws(FormatProblem) in
      _ = try OutlineFile.load([0x61, 0x0A, 0xFF], file: "prd.md")
    }
    #expect(said == "prd.md:2:1: not UTF-8 text: wrong byte at offset 2")
  }

  @Test func limitsAreTold() {
    let long = [UInt8](repeating: 0x61, count: OutlineFile.maximumBytes + 1)
    let tooLong = message { () throws(FormatProblem) in
      _ = try OutlineFile.load(long, file: "prd.md")
    }
    #expect(tooLong == "prd.md: document of 4194305 bytes; the limit is 4MiB")
    let many = String(repeating: "- Add x\n", count: Decomposition.maximumItems + 1)
    let tooMany = message { () throws(FormatProblem) in _ = try outlined(many) }
    #expect(tooMany == "prd.md:2001: more than 2000 items of work; split the document")
  }

  @Test func aNumberThatNobodyCountsToIsNoSection() throws {
    let text = "1.1 Features\n\n- Lay the ground\n\n**9223372036854775807 walls**\n\n2. Cover it\n"
    let found = try OutlineFile.load(Array(text.utf8), file: "prd.md")
    #expect(found.items.contains { $0.title == "Lay the ground" })
  }

  @Test func openingMarksAloneCostNoMoreThanTheirLine() throws {
    let line = String(repeating: "[(`", count: 2_000)
    let text = "## Tasks\n- Add \(line)\n- Add b\n"
    let found = try OutlineFile.load(Array(text.utf8), file: "prd.md")
    #expect(found.items.count == 2)
    #expect(found.items[0].title.count <= Decomposition.maximumTitleLength)
  }
}
