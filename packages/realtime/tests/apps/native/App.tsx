/** A React Native screen: types without a DOM. */

import { useOnlineUsers, useProjectEvent, useProjectRealtime } from "@validiant/realtime/react";
import { Text } from "react-native";

export default function App({ projectId, token }: { projectId: string; token: string }) {
  const { status } = useProjectRealtime(projectId, {
    host: "realtime.example.com",
    getToken: async () => token,
  });
  const users = useOnlineUsers();
  useProjectEvent("TASK_DELETED", ({ payload }) => console.log(payload.taskId));
  return (
    <Text>
      {status.reason} {users.map(({ userName }) => userName).join(", ")}
    </Text>
  );
}
