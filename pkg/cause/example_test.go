package cause_test

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/cause"
)

// certificateExpired is a cause of one's own. In the project it would be a constant and
// an entry in cause.go.
var certificateExpired = cause.Info{
	ID:       "certificate-expired",
	Title:    "The identity provider's certificate has expired",
	Concerns: cause.Host,
	About:    "The identity provider signs in with a certificate that is no longer valid, so it never gets a token.",
	Tell:     "The token endpoint reports the end date of the certificate.",
	Remedy:   "Renew the certificate, and upload it in the identity provider.",
	Explains: []cause.ID{cause.CredentialsRejected},
}

// Adding a cause needs its texts; its page is made from them.
func Example() {
	fmt.Print(cause.Page(certificateExpired))
	// Output:
	// ## certificate-expired
	//
	// The identity provider's certificate has expired.
	//
	// The identity provider signs in with a certificate that is no longer valid, so it never gets a token.
	//
	// How to recognise it: The token endpoint reports the end date of the certificate.
	//
	// How to fix it: Renew the certificate, and upload it in the identity provider.
	//
	// When this cause is found, these are not reported separately, because it explains them: credentials-rejected.
}
