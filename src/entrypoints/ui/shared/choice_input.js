// A field with the browser's own list: typing selects a choice, and no popup takes the focus from the next field.
export default {
  inheritAttrs: false,
  template: `
    <q-field ref="qRef" v-bind="$attrs" :id="id" class="choice-input" :for="id + '-list'" :label="label">
      <template #control>
        <select ref="list" class="q-field__native" :id="id + '-list'" :aria-label="label" :name="id" v-model="choice">
          <option value="" :disabled="!clearable">{{ placeholder }}</option>
          <option v-for="[choice, text] in options" :key="choice" :value="choice">{{ text }}</option>
        </select>
      </template>
    </q-field>
  `,
  props: { id: String, label: String, options: Array, placeholder: String, clearable: Boolean, value: String },
  emits: ["update:value"],
  data() {
    return { choice: this.value ?? "", emitting: true };
  },
  beforeUnmount() {
    const element = mounted_app.elements[this.id.slice(1)];
    if (element) element.props.value = this.choice;
  },
  watch: {
    value(given) {
      this.emitting = false;
      this.choice = given ?? "";
      this.$nextTick(() => (this.emitting = true));
    },
    choice(chosen) {
      if (this.emitting) this.$emit("update:value", chosen);
    },
  },
  methods: {
    focus() {
      this.$refs.list.focus();
    },
  },
};
