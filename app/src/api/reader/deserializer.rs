//! What `serde` asks for, in terms of the text: one method of a visitor for each shape.

use super::{
    Error,
    text::{Number, Parts, Text},
};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

type Result<T> = std::result::Result<T, Error>;

/// Methods that all do the same.
macro_rules! shapes {
    ($($do:ident: $($method:ident)*;)*) => {
        $($(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$do(visitor)
        })*)*
    };
}

impl<'de> Deserializer<'de> for &mut Text<'_> {
    type Error = Error;

    shapes! {
        integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64;
        text: deserialize_str deserialize_string deserialize_identifier;
        object: deserialize_map;
        list: deserialize_seq;
        nothing: deserialize_unit;
        not_on_the_wire: deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64
            deserialize_char deserialize_bytes deserialize_byte_buf;
    }

    /// Of values that stay as they are. A number with a fraction is told as a text: no type of the
    /// wire has one, and reading them costs the browser as much as all of this.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            b'{' => self.object(visitor),
            b'[' => self.list(visitor),
            b'"' => self.text(visitor),
            b'n' => self.nothing(visitor),
            b't' | b'f' => visitor.visit_bool(self.boolean()?),
            _ => match self.number()? {
                Number::Natural(number) => visitor.visit_u64(number),
                Number::Negative(number) => visitor.visit_i64(number),
                Number::Other(digits) => visitor.visit_str(digits),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.boolean()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.nothing(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.object(visitor)
    }

    /// `"word"`, or `{"word": what goes with it}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let alone = self.peek() == b'"';
        if !alone {
            self.expect(b'{')?;
        }
        let value = visitor.visit_enum(Variant { text: self, alone })?;
        if !alone {
            self.expect(b'}')?;
        }
        Ok(value)
    }
}

impl Text<'_> {
    fn integer<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.number()? {
            Number::Natural(number) => visitor.visit_u64(number),
            Number::Negative(number) => visitor.visit_i64(number),
            Number::Other(_) => Err(Error::new("not a whole number")),
        }
    }

    fn text<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.string()?)
    }

    fn nothing<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.null()?;
        visitor.visit_unit()
    }

    fn object<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let mut members = Parts::of_object(self)?;
        let value = visitor.visit_map(&mut members)?;
        members.end()?;
        Ok(value)
    }

    fn list<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let mut elements = Parts::of_list(self)?;
        let value = visitor.visit_seq(&mut elements)?;
        elements.end()?;
        Ok(value)
    }

    fn not_on_the_wire<'de, V: Visitor<'de>>(&mut self, _: V) -> Result<V::Value> {
        Err(Error::new("a type that the wire does not have"))
    }
}

impl<'de> MapAccess<'de> for &mut Parts<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.another()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.text).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.text.expect(b':')?;
        seed.deserialize(&mut *self.text)
    }
}

impl<'de> SeqAccess<'de> for &mut Parts<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.another()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.text).map(Some)
    }
}

struct Variant<'r, 't> {
    text: &'r mut Text<'t>,
    /// Nothing goes with the word.
    alone: bool,
}

impl Variant<'_, '_> {
    fn content(&mut self) -> Result<()> {
        if self.alone { Err(Error::new("a word without what goes with it")) } else { self.text.expect(b':') }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self.text)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Error;

    fn unit_variant(mut self) -> Result<()> {
        if self.alone {
            return Ok(());
        }
        self.content()?;
        self.text.null()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value> {
        self.content()?;
        seed.deserialize(self.text)
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, _: usize, visitor: V) -> Result<V::Value> {
        self.content()?;
        self.text.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(mut self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.content()?;
        self.text.object(visitor)
    }
}
