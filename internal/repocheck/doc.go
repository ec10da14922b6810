// Package repocheck guards the repository itself. It has only tests, and `go test ./...` runs them:
//
//   - The direct dependencies are those of docs/dependencies.txt, and each package reaches only what its place in the
//     architecture allows.
//   - Every public package has a doc.go and an example that runs.
//   - Every program under examples/ runs offline and prints what its output.txt says.
//   - The Go code in README.md compiles or is found in the file that it is said to come from.
//   - No test is skipped, nothing sleeps, nothing is left to be done later, and no file is too long.
//
// CONTRIBUTING.md tells what to do when one of them fails.
package repocheck
