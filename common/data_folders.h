#ifndef DROVER_COMMON_DATA_FOLDERS_H_
#define DROVER_COMMON_DATA_FOLDERS_H_

#include <string>
#include <vector>

namespace drover {

// Where a folder of the sources that an executable needs while it runs may be: below the working
// folder (a checkout's, or a person's own), among what Bazel keeps beside the executable, and, by
// its last name, beside the folder of an installed one.
//
//   DataFolders("/opt/drover/bin/drover", "deploy/kubernetes")
//     {"deploy/kubernetes",
//      "/opt/drover/bin/drover.runfiles/drover/deploy/kubernetes",
//      "/opt/drover/kubernetes"}
std::vector<std::string> DataFolders(const std::string& executable, const std::string& folder);

}  // namespace drover

#endif  // DROVER_COMMON_DATA_FOLDERS_H_
