public import ArgumentParser
public import ControllerRuntime

extension LogFormat: ExpressibleByArgument {}
