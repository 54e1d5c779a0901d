/// Lists of small numbers, one a row, packed into one array.
///
/// Rows and entries are numbered densely from 0. A list of its own for each row would cost an
/// allocation a row, and the planner walks these rows millions of times.
package struct IndexRows: Sendable, Equatable {
  /// Where each row begins in `items`, and where the last one ends.
  @usableFromInline package private(set) var starts: [Int32] = [0]
  @usableFromInline package private(set) var items: [Int32] = []

  package init() {}

  package init(_ rows: some Sequence<[Int]>) {
    for row in rows { append(row) }
  }

  package mutating func append(_ row: some Sequence<Int>) {
    for item in row { items.append(Int32(item)) }
    starts.append(Int32(items.count))
  }

  package var count: Int { starts.count - 1 }

  @inlinable package subscript(row: Int) -> ArraySlice<Int32> {
    items[Int(starts[row])..<Int(starts[row + 1])]
  }

  /// Entries of a row.
  @inlinable package func count(_ row: Int) -> Int { Int(starts[row + 1] - starts[row]) }

  /// Row b holds a wherever row a holds b; each row is sorted.
  ///
  /// - Complexity: O(rows + entries + count).
  package func inverted(count: Int) -> IndexRows {
    var next = Array(repeating: Int32(0), count: count + 1)
    for item in items { next[Int(item) + 1] += 1 }
    for row in 0..<count { next[row + 1] += next[row] }
    var result = IndexRows()
    result.starts = next
    result.items = Array(repeating: 0, count: items.count)
    for row in 0..<self.count {
      for item in self[row] {
        result.items[Int(next[Int(item)])] = Int32(row)
        next[Int(item)] += 1
      }
    }
    return result
  }
}
