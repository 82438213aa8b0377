internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// Decides which version of a server runs, and whether a new one is tried beside it. Pure.
///
/// Everything is decided from what only the controller and approvers can write: the revisions and the server's status. What
/// is not admitted there never gets a pod behind the Service.
struct ReviewGate: Sendable {
    /// The policy.
    var review: EffectiveReview
    /// What the spec asks for.
    var asked: RevisionTemplate
    /// The image that the spec asks for.
    var image: String
    /// The value of the annotation `moorage.dev/restart`, which starts a failed version again.
    var restart: String?
    /// Whether no pods run.
    var isSuspended: Bool
    /// What the status says about the revision that serves.
    var serving: ServingRevision?
    /// What the status says about the candidate.
    var known: CandidateStatus?
    /// The time.
    var now: Timestamp

    /// What runs.
    enum Outcome: Sendable, Hashable {
        /// What the spec asks for. `replacing` is the candidate that takes over.
        case serve(replacing: CandidateStatus?)
        /// What served before: the approved revision, or what runs if there is none to render.
        case hold(ReviewedRevision?, Candidate)
    }

    /// The new version.
    struct Candidate: Sendable, Hashable {
        /// Its status; `nil` if it is not tried, because the server is suspended.
        var status: CandidateStatus?
        /// Whether its pod runs.
        var isRunning: Bool
        /// The time until that changes by itself, in seconds.
        var remaining: Int64?
        /// Its revision, once it was read.
        var revision: ReviewedRevision?
    }

    /// Whether revisions have to be read to decide. While the spec has not changed they do not.
    var needsRevisions: Bool { review.isEnforced && serving?.template != asked.digest }

    /// The name of the revision that was approved last for what runs.
    private var approvedName: String? {
        if let known, known.state == .takingOver, let name = known.revision { return name }
        return serving.map { $0.drift?.from ?? $0.name }
    }

    /// Decides.
    ///
    /// - Parameter revisions: all revisions of the server, if `needsRevisions`.
    func decide(_ revisions: [ReviewedRevision]) -> Outcome {
        guard needsRevisions else { return .serve(replacing: nil) }
        let admitted = newestFirst(revisions.filter { $0.standing.admits && $0.template != nil })
        if let own = admitted.first(where: { $0.template?.digest == asked.digest }) {
            return .serve(replacing: status(.takingOver, revision: own))
        }
        // Nothing was read before, so there is nothing to compare with.
        if serving?.template == nil, admitted.isEmpty, review.policy != .always { return .serve(replacing: nil) }
        let base =
            admitted.first { $0.name == approvedName }
            ?? admitted.first { serving == nil || $0.template?.digest == serving?.template }
        return .hold(base, candidate(newestFirst(revisions)))
    }

    private func candidate(_ revisions: [ReviewedRevision]) -> Candidate {
        guard !isSuspended else { return Candidate(status: nil, isRunning: false) }
        if let own = revisions.first(where: { $0.template?.digest == asked.digest }) {
            guard !own.standing.isRejected else {
                return Candidate(status: status(.rejected, revision: own), isRunning: false, revision: own)
            }
            // What is waited for is stored; the pod only serves to notice that it changes.
            let held = status(.held, revision: own)
            let rest = held.since.secondsSinceEpoch + review.holdTimeout - now.secondsSinceEpoch
            return Candidate(status: held, isRunning: rest > 0, remaining: rest > 0 ? rest : nil, revision: own)
        }
        if let known = knownAttempt, known.state == .timedOut || known.state == .refused {
            return Candidate(status: known, isRunning: false)
        }
        var starting = status(.starting, revision: nil)
        let rest = starting.since.secondsSinceEpoch + review.startTimeout - now.secondsSinceEpoch
        guard rest > 0 else {
            starting.state = .timedOut
            starting.since = now
            return Candidate(status: starting, isRunning: false)
        }
        return Candidate(status: starting, isRunning: true, remaining: rest)
    }

    /// What the status says about this version, if it is this one.
    private var knownAttempt: CandidateStatus? {
        known.flatMap { $0.template == asked.digest && $0.restart == restart ? $0 : nil }
    }

    private func status(_ state: CandidateState, revision: ReviewedRevision?) -> CandidateStatus {
        let same = knownAttempt.flatMap { $0.state == state && $0.revision == revision?.name ? $0 : nil }
        return CandidateStatus(
            state: state,
            template: asked.digest,
            restart: restart,
            image: image,
            since: same?.since ?? now,
            revision: revision?.name,
            message: same?.message
        )
    }

    private func newestFirst(_ revisions: [ReviewedRevision]) -> [ReviewedRevision] {
        revisions.sorted { left, right in
            let times = (
                left.creationTimestamp?.secondsSinceEpoch ?? 0, right.creationTimestamp?.secondsSinceEpoch ?? 0
            )
            // Names make the choice stable between revisions of the same second.
            return times.0 == times.1 ? left.name > right.name : times.0 > times.1
        }
    }
}
