import Model
import Testing

@testable import Planning

@Suite("Leftovers")
struct LeftoversTests {
  private func key(_ number: Int) -> RunState.ArtifactKey {
    RunState.ArtifactKey(task: TaskID(number), name: "out")
  }

  private func leftovers(_ sizes: [Int64], dropsEagerly: Bool = false) -> Leftovers {
    var leftovers = Leftovers(dropsEagerly: dropsEagerly)
    for (number, bytes) in sizes.enumerated() { leftovers.add(key(number), bytes) }
    return leftovers
  }

  @Test("the eager ask at once, the others only when room is needed")
  func eager() {
    var eager = leftovers([5, 7], dropsEagerly: true)
    #expect(eager.isDropping && eager.bytes == 12)
    #expect(eager.takeDropped() == [key(0), key(1)])
    #expect(eager.takeDropped().isEmpty)
    var patient = leftovers([5, 7])
    #expect(!patient.isDropping && patient.bytes == 12)
    #expect(patient.takeDropped().isEmpty)
  }

  @Test("the oldest go first, and no more than it takes with what leaves already")
  func room() {
    var leftovers = leftovers([5, 7, 9, 2])
    leftovers.makeRoom(6)
    #expect(leftovers.takeDropped() == [key(0), key(1)])
    leftovers.makeRoom(12)
    #expect(leftovers.takeDropped().isEmpty)
    leftovers.makeRoom(13)
    #expect(leftovers.takeDropped() == [key(2)])
    leftovers.makeRoom(1_000)
    #expect(leftovers.takeDropped() == [key(3)])
  }

  @Test("bytes count until they are gone, and for ever if they stay")
  func gone() {
    var leftovers = leftovers([5, 7, 9])
    leftovers.makeRoom(12)
    #expect(leftovers.bytes == 21)
    leftovers.gone(key(0), isDeleted: true)
    #expect(leftovers.bytes == 16 && leftovers.isDropping)
    leftovers.gone(key(1), isDeleted: false)
    #expect(leftovers.bytes == 16 && !leftovers.isDropping)
    leftovers.gone(key(2), isDeleted: false)
    #expect(leftovers.bytes == 16)
    leftovers.gone(key(2), isDeleted: true)
    #expect(leftovers.bytes == 7)
  }

  @Test("what somebody else deletes counts once")
  func elsewhere() {
    var leftovers = leftovers([5])
    leftovers.leaves(key(0), 50)
    leftovers.leaves(key(1), 7)
    leftovers.leaves(key(1), 7)
    #expect(leftovers.bytes == 12 && leftovers.isDropping)
    #expect(leftovers.takeDropped().isEmpty)
    leftovers.gone(key(0), isDeleted: true)
    leftovers.gone(key(1), isDeleted: true)
    #expect(leftovers.bytes == 0 && !leftovers.isDropping)
  }
}
