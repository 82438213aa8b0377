#ifndef PROGRAM_PAGES_H
#define PROGRAM_PAGES_H

/// Tells the kernel that this process does not need the pages of its program and libraries now (Linux). They no longer count as
/// resident, and are the first to be reclaimed; a page that is needed again is mapped again from the file.
///
/// Only segments that cannot be written are affected, so nothing is lost.
void program_pages_release(void);

#endif
