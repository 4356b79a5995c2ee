package genesys

import "github.com/scimlint/scimlint/pkg/secret"

// Secret is a client secret or a token: see package secret, which has the one
// redactor as well.
type Secret = secret.Secret

// NewSecret keeps the text, without the white space that files and shells add.
func NewSecret(text string) Secret { return secret.New(text) }
