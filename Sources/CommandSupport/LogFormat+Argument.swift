public import ArgumentParser
public import Observability

extension LogFormat: ExpressibleByArgument {}
