"""The pages: function views that read rows, call verbs and render templates."""
