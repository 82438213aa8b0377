import KubernetesAPI
import Testing

@testable import ControllerRuntime

@Suite("What writers put into a store")
struct StoreAssumeTests {
    @Test("an answer that comes after the deletion was told does not bring the object back")
    func answerAfterDeletion() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        _ = store.remove(deleted: object("a", 11))
        let change = store.assume(object("a", 10))
        #expect(change == nil, "told as a change")
        #expect(store.count == 0)
    }

    @Test("an answer that comes before the watch has told anything is seen at once")
    func answerBeforeWatch() {
        let store = Store<PartialObjectMetadata>()
        store.upsert(object("a", 10))
        store.assume(object("b", 11))
        #expect(store.count == 2)
    }
}
