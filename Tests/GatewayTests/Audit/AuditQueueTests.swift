import KubernetesAPI
import TestSupport
import Testing

@testable import Gateway

@Suite("Queue of audit records")
struct AuditQueueTests {
    @Test("reserved places are never taken by others")
    func reservations() {
        var queue = AuditQueue(capacity: 3)
        let first = [queue.reserve(), queue.reserve()]
        let added = queue.add(AuditRecordTests.call, hasReservation: false)
        let third = queue.reserve()
        let lost = queue.add(AuditRecordTests.call, hasReservation: false)
        let reserved = queue.add(AuditRecordTests.call, hasReservation: true)
        #expect(first == [true, true])
        #expect(!third)
        #expect([added, lost, reserved] == [.queued, .lost, .queued])
        queue.release()
        let again = queue.reserve()
        #expect(again)
        let batch = queue.takeBatch(maximum: 10)
        #expect(batch == [.record(AuditRecordTests.call), .gap(1), .record(AuditRecordTests.call)])
    }

    @Test("while writing fails, no place is reserved")
    func failing() {
        var queue = AuditQueue(capacity: 3)
        let news = [queue.setFailing(true), queue.setFailing(true)]
        let whileFailing = queue.reserve()
        let added = queue.add(AuditRecordTests.call, hasReservation: false)
        let recovered = queue.setFailing(false)
        let afterwards = queue.reserve()
        #expect(news == [true, false])
        #expect(!whileFailing)
        #expect(added == .queued)
        #expect(recovered)
        #expect(afterwards)
    }

    @Test("in random histories every record is either written or counted in a gap at its place", arguments: 0..<100)
    func histories(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = AuditQueue(capacity: .random(in: 1...10, using: &random))
        var reserved = 0
        var next: Int64 = 0
        var expected: Int64 = 0
        func check(_ items: [AuditQueue.Item]) {
            for item in items {
                switch item {
                case .record(let record):
                    #expect(record.bytesIn == expected, "seed \(seed)")
                    expected += 1
                case .gap(let count): expected += count
                }
            }
        }
        for _ in 0..<500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...1: if queue.reserve() { reserved += 1 }
            case 2 where reserved > 0:
                queue.release()
                reserved -= 1
            case 3: check(queue.takeBatch(maximum: .random(in: 1...6, using: &random)))
            default:
                let hasReservation = reserved > 0 && Bool.random(using: &random)
                if hasReservation { reserved -= 1 }
                var record = AuditRecordTests.call
                record.bytesIn = next
                next += 1
                let outcome = queue.add(record, hasReservation: hasReservation)
                if hasReservation { #expect(outcome == .queued, "seed \(seed)") }
            }
            #expect(queue.reserved == reserved)
        }
        check(queue.takeBatch(maximum: .max))
        #expect(expected == next, "seed \(seed)")
    }
}
