"""Instances as JSON and back, without loss.

Dataclasses become {"class": NAME, "fields": {...}} with a name of `checker.instances.names`, floats
{"float": hex}, arrays {"shape": [...], "hex": [...]}. Reading imports nothing: a class has to be a
dataclass of a module that is loaded already.
"""

from __future__ import annotations

import dataclasses
import math
import re
from enum import Enum
from typing import Any

import numpy as np

from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.instances.names import class_named, name_of


def encode_instance(instance: Any) -> dict[str, Any]:
    """An instance (a dataclass) as JSON objects.

    Raises
    ------
    InputError
        When a field holds something that JSON cannot keep without loss.
    """
    if not _is_dataclass_instance(instance):
        raise InputError(f"a {type(instance).__name__} is not a dataclass and cannot be saved")
    cls = type(instance)
    fields = {f.name: getattr(instance, f.name) for f in dataclasses.fields(instance)}
    return {
        "class": name_of(cls),
        "fields": {
            name: _encode(value, f"{cls.__name__}.{name}") for name, value in fields.items()
        },
    }


def decode_instance(saved: Any) -> Any:
    """The instance that `encode_instance` saved, made by its constructor.

    Raises
    ------
    InputError
        When the JSON has another shape, is nested deeper than instances are, a number is not
        finite, a class is not loaded or not a dataclass, or its constructor refuses the fields.
    """
    return _decode_instance(saved, 0)


def _decode_instance(saved: Any, depth: int) -> Any:
    if not isinstance(saved, dict) or set(saved) != {"class", "fields"}:
        raise InputError(
            "an instance must be an object with the keys 'class' and 'fields'",
            why=f"this is {_shown(saved)}",
        )
    cls, fields = _dataclass(saved["class"]), saved["fields"]
    if not isinstance(fields, dict):
        raise InputError(f"the fields of {saved['class']} are not an object but {_shown(fields)}")
    _require_fields(cls, fields)
    return _construct(cls, {name: _decode(fields[name], name, depth + 1) for name in fields})


# -- writing ----------------------------------------------------------------------------------


def _encode(value: Any, place: str) -> Any:
    # Before str and int, which members of an enumeration may be, too.
    if isinstance(value, Enum):
        return {"enum": name_of(type(value)), "name": value.name}
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value), place)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_encode(v, place) for v in value]}
    if _is_dataclass_instance(value):
        return encode_instance(value)
    raise InputError(
        f"{place} holds a {type(value).__name__}, which cannot be saved to JSON without loss",
        hint="Use dataclasses, arrays, numbers and text",
    )


def _encode_array(values: Any, place: str) -> Any:
    if values.dtype.kind == "f" and values.dtype.itemsize <= 8:
        values = values.astype(np.float64)
        if values.ndim == 0:
            return {"float": float(values).hex()}
        return {"shape": list(values.shape), "hex": [float(x).hex() for x in values.flat]}
    if values.dtype.kind in "biu":
        return {
            "shape": list(values.shape),
            "dtype": str(values.dtype),
            "values": [x.item() for x in values.flat],
        }
    raise InputError(
        f"{place} holds an array of {values.dtype}, which cannot be saved to JSON without loss",
        hint="Convert it to float64",
    )


def _is_dataclass_instance(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


# -- reading ----------------------------------------------------------------------------------


def _decode(saved: Any, name: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise InputError(f"field {name} is nested more than {_DEEPEST} levels deep")
    if saved is None or isinstance(saved, bool | int | str):
        return saved
    if isinstance(saved, float):
        return _finite(saved, name)
    keys = set(saved) if isinstance(saved, dict) else set()
    if keys == {"float"}:
        return _from_hex(saved["float"], name)
    if keys in ({"shape", "hex"}, {"shape", "dtype", "values"}):
        return _decode_array(saved, name)
    if keys == {"tuple"}:
        return tuple(_decode_list(saved["tuple"], name, depth))
    if keys == {"list"}:
        return _decode_list(saved["list"], name, depth)
    if keys == {"enum", "name"}:
        return _decode_enum(saved)
    if keys == {"class", "fields"}:
        return _decode_instance(saved, depth)
    raise InputError(f"field {name} is {_shown(saved)}, which no instance is saved as")


def _decode_list(saved: Any, name: str, depth: int) -> list[Any]:
    if not isinstance(saved, list):
        raise InputError(f"field {name} has {_shown(saved)} where a list must be")
    return [_decode(value, name, depth + 1) for value in saved]


def _decode_array(saved: dict[str, Any], name: str) -> Any:
    shape, entries = saved["shape"], saved.get("hex", saved.get("values"))
    if not _is_shape(shape):
        raise InputError(
            f"the shape of field {name} is {_shown(shape)}, not a list of at most {_AXES} sizes"
        )
    if not isinstance(entries, list) or len(entries) != math.prod(shape):
        count = len(entries) if isinstance(entries, list) else "no list of"
        raise InputError(
            f"field {name} has {count} entries, its shape {tuple(shape)} needs {math.prod(shape)}"
        )
    if "hex" in saved:
        values: FloatArray = np.array([_from_hex(x, name) for x in entries], dtype=np.float64)
        return values.reshape(shape)
    return _decode_integers(saved["dtype"], entries, name).reshape(shape)


def _is_shape(shape: Any) -> bool:
    # True is an int in Python, but no size; nor is what no array of ours ever had.
    return (
        isinstance(shape, list)
        and len(shape) <= _AXES
        and all(type(size) is int and 0 <= size <= _LONGEST for size in shape)
    )


def _decode_integers(dtype: Any, entries: list[Any], name: str) -> Any:
    known = isinstance(dtype, str) and dtype in _INTEGER_TYPES
    if not known or any(type(x) is not (bool if dtype == "bool" else int) for x in entries):
        raise InputError(f"field {name} is not an array of integers of a known type")
    # Older NumPy wraps around.
    if dtype != "bool" and any(not _fits(x, np.iinfo(dtype)) for x in entries):
        raise InputError(f"field {name} holds an integer beyond {dtype}")
    return np.array(entries, dtype=dtype)


def _fits(x: int, kind: Any) -> bool:
    return int(kind.min) <= x <= int(kind.max)


_INTEGER_TYPES = {"bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}

# No instance is nested deeper, has more axes, or a longer one.
_DEEPEST, _AXES, _LONGEST = 32, 16, 10**6


def _from_hex(text: Any, name: str) -> float:
    # Without 0x, fromhex would read the decimal "0.1" as 1/16.
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise InputError(f"field {name} has {_shown(text)} where a number in hexadecimal must be")
    try:
        value = float.fromhex(text)
    except (ValueError, OverflowError) as error:
        raise InputError(f"field {name} has {_shown(text)}: {error}") from error
    return _finite(value, name)


_HEX = re.compile(r"[+-]?(0x.*|inf|nan)", re.IGNORECASE)


def _finite(value: float, name: str) -> float:
    if not math.isfinite(value):
        raise InputError(f"field {name} holds {value}", why="Instances have finite numbers only")
    return value


def _decode_enum(saved: dict[str, Any]) -> Any:
    cls = _loaded_class(saved["enum"])
    name = saved["name"]
    if not issubclass(cls, Enum) or not isinstance(name, str) or name not in cls.__members__:
        raise InputError(f"{saved['enum']} has no member {_shown(name)}")
    return cls[name]


def _dataclass(name: Any) -> type:
    cls = _loaded_class(name)
    if not dataclasses.is_dataclass(cls):
        raise InputError(f"the class {name} is not a dataclass", why="Instances are dataclasses")
    return cls


def _loaded_class(name: Any) -> type:
    if not isinstance(name, str):
        raise InputError(f"{_shown(name)} is not a name of a class")
    found = class_named(name)
    if found is None:
        raise InputError(
            f"the class {name} is not loaded",
            why="Reading an instance imports nothing; its class has to come with the claims",
            hint="Name the FILE.py that defines it after the JSON file, or install its package",
        )
    return found


def _require_fields(cls: Any, fields: dict[str, Any]) -> None:
    known = [f.name for f in dataclasses.fields(cls)]
    needed = {f.name for f in dataclasses.fields(cls) if _is_required(f)}
    wrong = [f"unknown {name!r}" for name in fields if name not in known]
    wrong += [f"missing {name!r}" for name in known if name in needed - set(fields)]
    if wrong:
        raise InputError(f"the fields do not fit the class {cls.__name__}: {', '.join(wrong)}")


def _is_required(field: dataclasses.Field[Any]) -> bool:
    no_default = dataclasses.MISSING
    return field.init and field.default is no_default and field.default_factory is no_default


def _construct(cls: Any, values: dict[str, Any]) -> Any:
    derived = {f.name for f in dataclasses.fields(cls) if not f.init}
    try:
        made = cls(**{name: v for name, v in values.items() if name not in derived})
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{cls.__name__} refuses the saved fields: {type(error).__name__}: {error}"
        ) from error
    for name in derived & set(values):
        object.__setattr__(made, name, values[name])
    return made


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
