#include "BuildInformation.h"

// Package.swift defines them from the environment of the build: Swift itself has no way to take a text from outside.
#ifndef MOORAGE_COMMIT
#define MOORAGE_COMMIT ""
#endif
#ifndef MOORAGE_BUILD
#define MOORAGE_BUILD ""
#endif
#ifndef SOURCE_DATE_EPOCH
#define SOURCE_DATE_EPOCH ""
#endif

const char *moorage_build_commit(void) { return MOORAGE_COMMIT; }

const char *moorage_build_number(void) { return MOORAGE_BUILD; }

const char *moorage_build_time(void) { return SOURCE_DATE_EPOCH; }
