#ifndef DROVER_COORDINATOR_DASHBOARD_PAGE_H_
#define DROVER_COORDINATOR_DASHBOARD_PAGE_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace drover {

// A file of the page, as it was when this was built: coordinator/dashboard/embed.py makes it part
// of the program.
struct PageFile {
  const char* path;  // "/app.js"
  const char* type;  // content type
  absl::string_view content;
};

const std::vector<PageFile>& PageFiles();

}  // namespace drover

#endif  // DROVER_COORDINATOR_DASHBOARD_PAGE_H_
