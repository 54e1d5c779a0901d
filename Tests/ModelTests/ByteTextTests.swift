import Model
import Testing

@Suite("A number of bytes") struct ByteTextTests {
  @Test(
    "is said with its unit",
    arguments: [
      (Int64(0), "0 B"), (999, "999 B"), (1_000, "1 KiB"), (1_536, "1.5 KiB"),
      (Int64(12) << 20, "12 MiB"), (-5, "0 B"), (.max, "8 EiB"),
    ])
  func words(count: Int64, said: String) {
    #expect(ByteText.words(count) == said)
  }

  @Test(
    "is rounded up to what is easily typed",
    arguments: [
      (Int64(0), "0B"), (999, "999B"), (1_000, "1KiB"), (1_025, "1.1KiB"), (10_241, "11KiB"),
      (Int64(15) << 20, "15MiB"), (14_155_776, "14MiB"), (5_242_881, "5.1MiB"),
      ((Int64(10) << 20) - 1, "10MiB"), (Int64(3) << 40, "3TiB"), (Int64(1) << 60, "1048576TiB"),
    ])
  func typed(count: Int64, said: String) {
    #expect(ByteText.typed(atLeast: count) == said)
  }
}
