import { useRoute } from "../route.ts";
import { useSession } from "../session.ts";
import { useTextModule } from "./lazily.ts";
import { useChangedTexts } from "./unsaved.ts";

/** Sees to it that what was written on this device is saved, whichever task is open. Shows nothing. */
export function UnsavedTexts() {
  const { me } = useSession();
  const { task } = useRoute();
  const texts = useChangedTexts(me.id);
  const module = useTextModule(texts.length > 0);
  if (!module) return null;
  return texts.map((text) => (
    <module.UnsavedText key={text.id} text={text} isOpen={text.id === task} />
  ));
}
