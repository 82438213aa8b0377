import NIOCore

/// The event loops of `moorage-adapter`.
package enum EventLoops {
    /// Lets the program do with one event loop, for connections and processes alike, so that no thread has to wake another one while it
    /// passes on a message. Must be called once, before anything else.
    package static func useOne() { NIOSingletons.groupLoopCountSuggestion = 1 }
}
