public import KubernetesAPI

/// The random numbers of a test, which prints its seed.
public typealias SeededGenerator = SplitMix64
