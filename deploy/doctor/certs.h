#ifndef DROVER_DEPLOY_DOCTOR_CERTS_H_
#define DROVER_DEPLOY_DOCTOR_CERTS_H_

#include <string>

#include "deploy/doctor/finding.h"

namespace drover {

// Of --certs: a role's directory, or an authority's with those of all its roles. For each: whether
// its files are whole and fit together (Credentials::Load), others cannot read the secret ones, the
// certificate is valid for a week more, and whoever serves takes the role's own token.
Findings CheckCerts(const std::string& directory);

// What mends that there are none where other hosts come.
std::string MakeCerts();

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_CERTS_H_
