#ifndef MOORAGE_BUILD_INFORMATION_H
#define MOORAGE_BUILD_INFORMATION_H

/// The commit that was built, or an empty text where the build was not told.
const char *moorage_build_commit(void);

/// Which run of which builder made this, or an empty text where the build was not told.
const char *moorage_build_number(void);

/// The time of the build in seconds since 1970, or an empty text where the build was not told.
const char *moorage_build_time(void);

#endif
