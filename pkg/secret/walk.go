package secret

import "reflect"

// Walk returns a copy of a value in which every string, the keys of maps among
// them, is what clean makes of it. Unexported fields are copied as they are.
func Walk[T any](v T, clean func(string) string) T {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	out.Set(walk(reflect.ValueOf(&v).Elem(), clean))
	return out.Interface().(T)
}

func walk(v reflect.Value, clean func(string) string) reflect.Value {
	switch v.Kind() {
	case reflect.String:
		out := reflect.New(v.Type()).Elem()
		out.SetString(clean(v.String()))
		return out
	case reflect.Pointer, reflect.Interface:
		return walkInside(v, clean)
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(walk(v.Field(i), clean))
			}
		}
		return out
	case reflect.Slice:
		return walkSlice(v, clean)
	case reflect.Array:
		out := reflect.New(v.Type()).Elem()
		for i := range v.Len() {
			out.Index(i).Set(walk(v.Index(i), clean))
		}
		return out
	case reflect.Map:
		return walkMap(v, clean)
	}
	return v
}

func walkInside(v reflect.Value, clean func(string) string) reflect.Value {
	if v.IsNil() {
		return v
	}
	inner := walk(v.Elem(), clean)
	if v.Kind() == reflect.Interface {
		out := reflect.New(v.Type()).Elem()
		out.Set(inner)
		return out
	}
	out := reflect.New(v.Type().Elem())
	out.Elem().Set(inner)
	return out
}

// walkSlice reads a slice of bytes, JSON that was not decoded among them, for text.
func walkSlice(v reflect.Value, clean func(string) string) reflect.Value {
	if v.IsNil() {
		return v
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return reflect.ValueOf([]byte(clean(string(v.Bytes())))).Convert(v.Type())
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(walk(v.Index(i), clean))
	}
	return out
}

func walkMap(v reflect.Value, clean func(string) string) reflect.Value {
	if v.IsNil() {
		return v
	}
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		out.SetMapIndex(walk(it.Key(), clean), walk(it.Value(), clean))
	}
	return out
}
