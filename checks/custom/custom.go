// Package custom makes checks of CEL expressions of a user's configuration. An
// expression says what must be true of an org; it reads the snapshot as the built-in
// checks do, and what the snapshot does not show leaves it unknown.
package custom

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"cel.dev/cel-go/parser"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

type (
	scope    = genesys.Scope
	division = genesys.Division
	policy   = genesys.Policy
	judged   = results.Operation
)

// Spec is a check as a configuration has it.
type Spec struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	// Severity is fail (the default) or warn.
	Severity   string     `yaml:"severity"`
	Expression Expression `yaml:"expression"`
	Message    string     `yaml:"message"`
	Why        string     `yaml:"why"`
	Fix        Fix        `yaml:"fix"`
}

// Fix says what to do when the expression is false, and where in the Admin UI.
type Fix struct {
	Text  string `yaml:"text"`
	Where string `yaml:"where"`
}

// Expression is a CEL expression with the line of the file that it begins on.
type Expression struct {
	Text string
	Line int
}

// UnmarshalYAML reads the text and keeps its place.
func (e *Expression) UnmarshalYAML(node *yaml.Node) error {
	e.Line = node.Line
	return node.Decode(&e.Text)
}

// The limits of an expression: its length in characters, and the steps that one
// evaluation may take.
const (
	maxLength = 4096
	maxCost   = 1_000_000
	// maxTime is how long one evaluation may take.
	maxTime = 5 * time.Second
	// maxChecks is how many checks a configuration may have.
	maxChecks = 200
)

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Compile makes checks of their specs. Errors name the check, and the line and the
// column of the expression where it is wrong.
func Compile(specs []Spec, taken func(id string) bool) ([]lint.Check, error) {
	if len(specs) == 0 {
		return nil, nil
	}
	if len(specs) > maxChecks {
		return nil, fmt.Errorf("checks has %d entries, and %d are the most", len(specs), maxChecks)
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	var out []lint.Check
	for i, s := range specs {
		if err := s.valid(taken); err != nil {
			return nil, fmt.Errorf("checks, entry %d (%s): %w", i+1, s.ID, err)
		}
		if slices.ContainsFunc(out, func(c lint.Check) bool { return c.ID == s.ID }) {
			return nil, fmt.Errorf("checks, entry %d (%s): another entry has this id", i+1, s.ID)
		}
		c, err := s.compile(env)
		if err != nil {
			return nil, fmt.Errorf("checks, entry %d (%s): %w", i+1, s.ID, err)
		}
		out = append(out, c)
	}
	return out, nil
}

func (s Spec) valid(taken func(string) bool) error {
	switch {
	case !kebab.MatchString(s.ID):
		return fmt.Errorf("the id must be of lower-case words with hyphens between them, as in tokens-live-a-day")
	case taken(s.ID):
		return fmt.Errorf("scimlint itself has a check or a cause of this id")
	case s.Title == "" || s.Message == "" || s.Expression.Text == "" || s.Fix.Text == "":
		return fmt.Errorf("title, expression, message and fix.text must be there")
	case s.Severity != "" && s.Severity != "fail" && s.Severity != "warn":
		return fmt.Errorf("unknown severity %q: write fail or warn", s.Severity)
	}
	return nil
}

// environment declares the names and types that expressions use.
func environment() (*cel.Env, error) {
	native := []any{ext.ParseStructTags(true)}
	for _, v := range variables {
		native = append(native, structType(v))
	}
	for _, nested := range []any{Entity{}} {
		native = append(native, reflect.TypeOf(nested))
	}
	opts := []cel.EnvOption{ext.NativeTypes(native...), ext.Strings(), cel.ParserExpressionSizeLimit(maxLength), cel.ParserRecursionLimit(64),
		cel.Variable("subject", subjectType),
		cel.Function("holds", cel.MemberOverload("subject_holds_string", []*cel.Type{subjectType, cel.StringType}, cel.BoolType, cel.BinaryBinding(holds))),
		cel.Function("name", cel.MemberOverload("subject_name", []*cel.Type{subjectType}, cel.StringType, cel.UnaryBinding(subjectName))),
		cel.Function("isUser", cel.MemberOverload("subject_isUser", []*cel.Type{subjectType}, cel.BoolType, cel.UnaryBinding(isUser))),
	}
	for _, v := range variables {
		opts = append(opts, cel.Variable(v.name, celType(v)))
	}
	return cel.NewEnv(opts...)
}

func structType(v variable) reflect.Type {
	t := reflect.TypeOf(v.zero)
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return reflect.TypeOf(Entity{})
	}
	return t
}

func celType(v variable) *cel.Type {
	t := reflect.TypeOf(v.zero)
	list := t.Kind() == reflect.Slice
	if list {
		t = t.Elem()
	}
	out := cel.StringType
	if t.Kind() == reflect.Struct {
		out = cel.ObjectType(t.String())
	}
	if list {
		return cel.ListType(out)
	}
	return out
}

// compile checks the expression's types and makes a check of it.
func (s Spec) compile(env *cel.Env) (lint.Check, error) {
	checked, issues := env.Compile(s.Expression.Text)
	if issues != nil && issues.Err() != nil {
		e := issues.Errors()[0]
		return lint.Check{}, fmt.Errorf("the expression of line %d is wrong at %s: %s", s.Expression.Line, place(e), e.Message)
	}
	if checked.OutputType() != cel.BoolType {
		return lint.Check{}, fmt.Errorf("the expression of line %d gives %s, and must give true or false", s.Expression.Line, checked.OutputType())
	}
	if addsLists(checked) {
		return lint.Check{}, fmt.Errorf("the expression of line %d adds lists with +, which no expression may", s.Expression.Line)
	}
	program, err := env.Program(checked, cel.CostLimit(maxCost), cel.InterruptCheckFrequency(100), cel.EvalOptions(cel.OptPartialEval))
	if err != nil {
		return lint.Check{}, fmt.Errorf("the expression of line %d: %w", s.Expression.Line, err)
	}
	used := names(checked)
	why := s.Why
	if why == "" {
		why = "The configuration demands it."
	}
	c := lint.Check{ID: s.ID, Group: lint.Own, Title: s.Title, Own: true, Required: s.Severity != "warn", Needs: needs(used),
		Why: why + "\n\nIt passes when this is true:\n\n    " + strings.ReplaceAll(strings.TrimSpace(s.Expression.Text), "\n", "\n    "), Remedy: s.remedy()}
	c.Run = func(in *lint.Input, out *lint.Findings) { s.run(program, used, in, out) }
	return c, nil
}

// addsLists says whether an expression adds lists itself: one that is added to itself
// again and again costs nothing until it is read, and then without an end. The macros
// map and filter add to their own result.
func addsLists(checked *cel.Ast) bool {
	found := false
	native := checked.NativeRep()
	ast.PreOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		r, known := native.ReferenceMap()[e.ID()]
		if !known || e.Kind() != ast.CallKind || !slices.Contains(r.OverloadIDs, overloads.AddList) {
			return
		}
		left := e.AsCall().Args()[0]
		found = found || left.Kind() != ast.IdentKind || left.AsIdent() != parser.AccumulatorName && left.AsIdent() != parser.HiddenAccumulatorName
	}))
	return found
}

func (s Spec) remedy() string {
	if s.Fix.Where == "" {
		return s.Fix.Text
	}
	return s.Fix.Text + " (" + s.Fix.Where + ")"
}

func place(e *cel.Error) string {
	if e.Location.Line() > 1 {
		return fmt.Sprintf("its line %d, column %d", e.Location.Line(), e.Location.Column()+1)
	}
	return fmt.Sprintf("column %d", e.Location.Column()+1)
}

// names returns the variables that an expression uses.
func names(checked *cel.Ast) []variable {
	var out []variable
	for _, v := range variables {
		for _, r := range checked.NativeRep().ReferenceMap() {
			if r.Name == v.name {
				out = append(out, v)
				break
			}
		}
	}
	return out
}

func needs(used []variable) []evidence.Kind {
	var out []evidence.Kind
	for _, v := range used {
		if v.kind != "" {
			out = append(out, v.kind)
		}
	}
	return out
}

// run evaluates the expression on a snapshot.
func (s Spec) run(program cel.Program, used []variable, in *lint.Input, out *lint.Findings) {
	vars, unseen, err := activation(in, used)
	if err != nil {
		out.Unknown("the expression could not be evaluated: %v", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	value, _, err := program.ContextEval(ctx, vars)
	switch {
	case err != nil:
		out.Unknown("the expression could not be evaluated: %v", err)
	case types.IsUnknown(value):
		out.Unknown("the expression is based on what could not be read: %s", strings.Join(unseen, ", "))
	case value == types.True:
		out.Pass(results.Observed, "%s", s.Title)
	case value != types.False:
		out.Unknown("the expression gave neither true nor false")
	case s.Severity == "warn":
		out.Warn(results.Reported, s.fix(), "%s", s.Message)
	default:
		out.Fail(results.Reported, lint.Suspicion{Cause: cause.OwnCheckFails, Certainty: results.Likely, Because: s.Message, Fix: s.fix()}, "%s", s.Message)
	}
}

func (s Spec) fix() results.Fix { return results.Fix{Text: s.Fix.Text, Where: s.Fix.Where} }

// activation has the values of the variables; those that the snapshot does not
// show are unknown to the evaluation, not empty.
func activation(in *lint.Input, used []variable) (cel.PartialActivation, []string, error) {
	values := map[string]any{"subject": subject{in}}
	var patterns []*cel.AttributePatternType
	var unseen []string
	for _, v := range used {
		value := v.value(in)
		if value == nil {
			patterns = append(patterns, cel.AttributePattern(v.name))
			unseen = append(unseen, v.name)
			continue
		}
		values[v.name] = value
		if v.name != "client" {
			continue
		}
		for _, field := range absent(in) {
			patterns = append(patterns, cel.AttributePattern(v.name).QualString(field))
			unseen = append(unseen, v.name+"."+field)
		}
	}
	vars, err := cel.PartialVars(values, patterns...)
	return vars, unseen, err
}

// subject is whose token it is, as expressions read it: a value with
// functions, because what it has is decided and not listed.
type subject struct{ in *lint.Input }

var subjectType = cel.OpaqueType("subject")

// ConvertToNative makes no other value of a subject.
func (s subject) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("a subject has no other form")
}

// ConvertToType makes no other value of a subject.
func (s subject) ConvertToType(ref.Type) ref.Val { return types.NewErr("a subject has no other form") }

// Equal compares with no other subject: there is one.
func (s subject) Equal(other ref.Val) ref.Val {
	_, ok := other.(subject)
	return types.Bool(ok)
}

// Type returns the name of the type.
func (s subject) Type() ref.Type { return subjectType }

// Value returns the subject.
func (s subject) Value() any { return s.in }

// holds decides a permission in every target division, as the checks do.
func holds(lhs, rhs ref.Val) ref.Val {
	s, _ := lhs.(subject)
	p, err := authz.ParsePermission(fmt.Sprint(rhs.Value()))
	if err != nil {
		return types.WrapErr(err)
	}
	switch h := s.in.Holds(p.String()); h.Decision {
	case results.DecisionDenied:
		return types.False
	case results.DecisionUnknown:
		return types.NewErr("whether %s is granted could not be read (%s)", p, lint.FirstOf(h.Why, string(h.Reason)))
	}
	return types.True
}

func subjectName(v ref.Val) ref.Val {
	s, _ := v.(subject)
	return types.String(s.in.Who())
}

func isUser(v ref.Val) ref.Val {
	s, _ := v.(subject)
	user, known := s.in.IsUserToken()
	if !known {
		return types.NewErr("whether the token is a person's could not be read")
	}
	return types.Bool(user)
}
