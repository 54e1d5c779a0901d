/// What a reverse sweep does next.
///
/// The states x_0 … x_(n-1) of a chain are visited from the last to the first. One working state is
/// held beside the kept ones; whoever starts a sweep has x_0 kept.
package enum SweepAction: Sendable, Equatable {
  /// A kept state becomes the working state and stays kept.
  case load(Int)
  /// The working state is moved on to a later state.
  case advance(to: Int)
  /// The working state is kept.
  case store(Int)
  /// The working state is used by whom the sweep is for.
  case visit(Int)
  /// A kept state is needed no more.
  case drop(Int)
  /// The working state is written to the spill store, and read back from there; states on it stay.
  case write(Int)
  case read(Int)
}
